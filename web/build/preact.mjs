/** The build's preact: its own source, without what the app never does. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { without } from "./plugins.mjs";

/**
 * What is taken out of preact, by file of its source: what this app never does. It writes no styles, no SVG and no HTML
 * of its own, starts on an empty page, has no contexts, no boundaries for errors, no suspense, and of the life of a class
 * component only what is named in form/ (`shouldComponentUpdate`, `componentDidUpdate`).
 */
const OUT_OF_PREACT = {
  "src/diff/props.js": [
    [/function setStyle\([^]*?\n\}\n/, ""],
    [/o: if \(name == 'style'\) \{[^]*?\n\t\}\n\t\/\/ Benchmark[^\n]*\n\telse if/, "o: if"],
    [/if \(namespace == SVG_NAMESPACE\) \{[^]*?\} else if \(/, "if ("],
    [/useCapture = name != .*\n/, ""],
    [/, name == 'popover' && value == true \? '' : value\)/, ", value)"],
    [/\n\t\t\tname != 'popover' &&/, ""],
    [/name \+ useCapture/, "name"],
    [/e\.type \+ useCapture/, "e.type"],
    [/useCapture \? eventProxyCapture : eventProxy,\s*useCapture/g, "eventProxy"],
    [/const eventProxyCapture = .*\n/, ""],
    [/options\.event \? options\.event\(e\) : e/, "e"],
  ],
  "src/diff/index.js": [
    [/\tif \(nodeType == 'svg'\)[^]*?XHTML_NAMESPACE;\n/, ""],
    [/document\.createElementNS\([^]*?\)/, "document.createElement(nodeType)"],
    [/nodeType == 'foreignObject' \? XHTML_NAMESPACE : namespace/, "namespace"],
    [/newVNode\.type == 'template' \? dom\.content : dom/, "dom"],
    [/if \(oldVNode\._flags & MODE_SUSPENDED\) \{[^]*?\n\t\}\n/, ""],
    [/tmp = newType\.contextType;[^]*?: globalContext;\n/, ""],
    [/componentContext(?=[,)\n])/g, "undefined"],
    [/if \(provider\) provider\.sub\(c\);/, ""],
    [/if \(isClassComponent && newType\.getDerivedStateFromProps != NULL\) \{[^]*?\n\t\t\t\}\n/, ""],
    [/if \(\s*isClassComponent &&\s*newType\.getDerivedStateFromProps == NULL &&\s*c\.componentWillMount[^]*?\n\t\t\t\t\}\n/, ""],
    [/if \(isClassComponent && c\.componentDidMount != NULL\) \{[^]*?\n\t\t\t\t\}\n/, ""],
    [/if \(\s*isClassComponent &&\s*newType\.getDerivedStateFromProps == NULL &&\s*newProps[^]*?\n\t\t\t\t\}\n/, ""],
    [/if \(c\.getChildContext != NULL\) \{[^]*?\n\t\t\t\}\n/, ""],
    [/if \(isClassComponent && !isNew && c\.getSnapshotBeforeUpdate[^]*?\n\t\t\t\}\n/, ""],
    [/oldState, snapshot\)/, "oldState)"],
    [/c\.context = .*\n/, ""],
    [/if \(isHydrating \|\| excessDomChildren != NULL\) \{[^]*?\} else \{\n(\t*newVNode\._dom = oldVNode\._dom;\n)\t*\}/, "$1"],
    [/if \(!e\.then\) /, ""],
    [/if \(clearProcessingException\) \{[^]*?\n\t\t\t\}\n/, ""],
    [/clearProcessingException = .*\n/, ""],
    [/newVNode\._flags & MODE_SUSPENDED \? undefined : oldDom/, "oldDom"],
    [/newVNode\._flags &= RESET_MODE;/, ""],
    [/} else if \(\n\t\texcessDomChildren == NULL &&\n/, "} else if (\n"],
    [/\tif \(excessDomChildren != NULL\) \{\n\t\tfor [^]*?\n\t\t\}\n\t\}\n/, ""],
    [/\t\tif \(isHydrating\) \{[^]*?\n\t\t\}\n/, ""],
    [/\n\t\texcessDomChildren = NULL;/, ""],
    [/\n\t\texcessDomChildren =\n[^]*?;\n/, "\n"],
    [/\t\tif \(!isHydrating && excessDomChildren != NULL\) \{[^]*?\n\t\t\}\n/, ""],
    [/ && \(!isHydrating \|\| dom\.data != newProps\)/, ""],
    [/if \(i == 'dangerouslySetInnerHTML'\) \{\s*oldHtml = value;\s*\} else if/, "if"],
    [/ else if \(i == 'dangerouslySetInnerHTML'\) \{\s*newHtml = value;\s*\}/, ""],
    [/\(!isHydrating \|\| typeof value == 'function'\) &&\s*/, ""],
    [/if \(newHtml\) \{[^]*?\} else \{\n\t*if \(oldHtml\).*\n/, "{"],
    [/excessDomChildren\n\t*\? excessDomChildren\[0\]\n\t*: oldVNode/, "oldVNode"],
    [/\t*if \(excessDomChildren != NULL\) \{[^]*?\n\t\t\t\}\n/, ""],
    [/if \(!isHydrating \|\| nodeType == 'textarea'\) /, ""],
    [/\n\t*(globalContext|namespace|excessDomChildren|isHydrating),(?=\n)/g, ""],
    [/, namespace\);/g, ");"],
    [/ \|\|\n[^\n]*IE 11[^]*?oldProps\[i\]\)(?=\))/, ""],
    [/c\._globalContext = globalContext;/, ""],
    [/ = r\._globalContext = NULL/, " = NULL"],
    [/let hasRefUnmount = [^]*?ref\._unmount = ref\(value\);\n\t*\}/, "ref(value);"],
    [/if \(r\.componentWillUnmount\) \{[^]*?\n\t\t\}\n/, ""],
    [/if \(c\.componentWillUpdate != NULL\) \{\n(.*)\n\t*\}/, "if (c.componentWillUpdate) c.componentWillUpdate(newProps, c._nextState);"],
  ],
  "src/diff/children.js": [[/\n\t*(globalContext|namespace|excessDomChildren|isHydrating),(?=\n)/g, ""]],
  "src/component.js": [
    [/\n\t*component\._globalContext,\n.*namespaceURI,\n.*\[oldDom\] : NULL,/, ""],
    [/\n\t*!!\(oldVNode\._flags & MODE_HYDRATE\),/, ""],
    [/if \(options\.vnode\) .*\n/, ""],
    [/(\|\|\n\t*)?prevDebounce != options\.debounceRendering\n/, ""],
    [/!process\._rerenderCount\+\+\) (?=\t)/, "!process._rerenderCount++)"],
    [/prevDebounce = .*\n\t*\(prevDebounce \|\| defer\)/, "defer"],
    [/let prevDebounce;/, ""],
    [/typeof Promise == 'function'\n\t*\? (.*)\n\t*: setTimeout/, "$1"],
  ],
  "src/render.js": [
    [/\tif \(parentDom == document\) \{[^]*?\n\t\}\n/, ""],
    [/if \(options\._root\).*\n/, ""],
    [/let isHydrating = .*\n/, ""],
    [/let oldVNode = isHydrating\n[^]*?;\n/, ""],
    [/\(\(!isHydrating && replaceNode\) \|\| parentDom\)\._children/, "parentDom._children"],
    [/oldVNode \|\| EMPTY_OBJ,\n\t*EMPTY_OBJ,\n[^]*?: NULL,\n/, "EMPTY_OBJ,\n"],
    [/!isHydrating && replaceNode\n\t*\? replaceNode\n[^]*?: parentDom\.firstChild,\n\t*isHydrating,/, "NULL,"],
    [/export function hydrate[^]*/, ""],
  ],
  "src/index.js": [[/render, hydrate/, "render"]],
  "src/create-element.js": [
    [/if \(typeof type == 'function' && type\.defaultProps[^]*?\n\t\}\n/, ""],
    [/if \(original == NULL && options\.vnode != NULL\).*\n/, ""],
  ],
  "src/diff/catch-error.js": [[/\t\/\*\* @type [^]*(?=\tthrow error)/, ""]],
  "hooks/src/index.js": [
    [/let old\w+ = options.*\n/g, ""],
    [/\n\t*if \(old\w+\) old\w+\(.*\);/g, ""],
    [/options\._root = [^]*?\n\};\n/, ""],
    [/if \(options\._hook\) \{[^]*?\n\t\}\n/, ""],
    [/\t+currentHook = .*\n/g, ""],
    [/!options\._skipEffects && /g, ""],
    [/ \|\| prevRaf !== options\.requestAnimationFrame/, ""],
    [/prevRaf = .*\n\t*\(prevRaf \|\| afterNextFrame\)/, "afterNextFrame"],
    [/if \(HAS_RAF\) (?=cancel)/, ""],
    [/if \(HAS_RAF\) \{\n(.*)\n\t\}/, "$1"],
  ],
};

/**
 * Makes preact as small as the app lets it be, three quarters of what it is. Tests run on what is made here. If preact is
 * written otherwise one day, the build stops.
 */
export function preact() {
  const folder = join(dirname(fileURLToPath(import.meta.url)), "../node_modules/preact");
  const entries = { preact: join(folder, "src/index.js"), "preact/hooks": join(folder, "hooks/src/index.js") };
  return {
    name: "ruhu-preact",
    enforce: "pre",
    resolveId: (name) => entries[name],
    transform(code, id) {
      const name = id.split("?")[0].split("/node_modules/preact/")[1];
      return OUT_OF_PREACT[name] ? { code: without(code, OUT_OF_PREACT[name], `preact's ${name}`), map: null } : null;
    },
  };
}
