/** The phone app starts here. */
import { render } from "preact";

const place = document.getElementById("app");
if (place) render(<main>入户</main>, place);
