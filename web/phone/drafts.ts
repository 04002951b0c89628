/** Interviews that are not finished. Each key press reaches the disk within a second; nothing the server says touches them. */

import type { Known, Position } from "../form";
import type { JsonObject } from "./canonical";
import type { Moment } from "./clock";
import type { Vault } from "./crypto";
import type { Change, Database } from "./db";

/** An unfinished interview: what will be sent, and where it was left. */
export interface Draft {
  id: string;
  interview: string;
  parent: string | null;
  household: string;
  round: string | null;
  form: string;
  formId: string;
  assignment: { id: string; epoch: number } | null;
  started: Moment;
  answers: JsonObject;
  position?: Position;
  /** What the ledger knew when it was begun: rows are recognised by its keys. */
  known?: Known;
  changed: number;
  consented: boolean;
  returned: string | null;
}

const PAUSE_MS = 300;
const place = (id: string): string => `drafts/${id}`;

export async function openDrafts(database: Database, vault: Vault): Promise<Draft[]> {
  const all = await database.getAll("drafts");
  const drafts = await Promise.all(all.map((each) => vault.openJson<Draft>(place(each.id), each.sealed)));
  return drafts.sort((one, other) => other.changed - one.changed);
}

export async function forget(change: Change, id: string): Promise<void> {
  await change.objectStore("drafts").delete(id);
}

/** Writes drafts soon after they change, one after another, the newest state of each. */
export class DraftKeeper {
  private readonly waiting = new Map<string, Draft>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  /** @param told what became of a writing: nothing when it was kept, else why the disk took nothing. */
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly told: (error?: unknown) => void,
  ) {}

  keep(draft: Draft): void {
    this.waiting.set(draft.id, draft);
    this.timer ??= setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Forget what waits to be written of a draft that was sent or deleted. */
  drop(id: string): void {
    this.waiting.delete(id);
  }

  /** Write what waits; resolves when it is on the disk. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    for (const draft of [...this.waiting.values()]) {
      try {
        const sealed = await this.vault.sealJson(place(draft.id), draft);
        if (this.waiting.get(draft.id) !== draft) continue; // it changed or went meanwhile
        await this.database.put("drafts", { id: draft.id, sealed });
        if (this.waiting.get(draft.id) === draft) this.waiting.delete(draft.id);
        this.told();
      } catch (error) {
        this.told(error);
        return;
      }
    }
  }
}
