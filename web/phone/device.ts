/**
 * The phone as the pages see it: locked or open, whose it is, what it holds, what waits and what became of it.
 *
 * It is the one place where the key lives. `changed` is called after anything a page may show has changed.
 */

import { readJson, readTrouble, NoAnswer, wordOf } from "./answers";
import type { JsonObject } from "./canonical";
import { moment, offset, type Sample } from "./clock";
import { calibrated, lockedFor, Vault, WrongPin, type Attempts, type Wrapped } from "./crypto";
import { begin, getMeta, openDatabase, putMeta, type Database, type OpRecord } from "./db";
import { sha256Hex, utf8 } from "./digests";
import { DraftKeeper, forget, openDrafts, type Draft } from "./drafts";
import type { Templates } from "./findings";
import { uuid7 } from "./ids";
import { modelOf, type Model, type Returned } from "./model";
import * as oplog from "./oplog";
import { dropPhotos, keepPhoto, photosIn, photosOf, readPhoto } from "./photos";
import { openRows } from "./rows";
import { Exchange, type Outcome } from "./sync";
import { packed, send } from "./transport";
import type { Language } from "../words";

export interface Session {
  token: string;
  user: { id: string; name: string; login: string };
}

/** An op with what it says and what was said of it. */
export interface ShownOp {
  record: OpRecord;
  content: oplog.OpContent;
  told: JsonObject;
}

export type Phase = "starting" | "new" | "locked" | "open" | "wiped" | "unusable";

/** Why nothing goes: told in words on the sync page. */
export type Trouble = "" | "no-answer" | "not-authenticated" | "device-revoked" | string;

const IDLE_MINUTES = 5;
export const APP = "1.0.0";
const SYNC_LOCK = "ruhu-sync";
const PLACE = "session";

export class Device {
  phase: Phase = "starting";
  session: Session | null = null;
  model: Model = modelOf(new Map());
  drafts: Draft[] = [];
  ops: ShownOp[] = [];
  templates: Templates | null = null;
  attempts: Attempts = { wrong: 0, at: 0 };
  idleMinutes = IDLE_MINUTES;
  syncing = false;
  trouble: Trouble = "";
  /** Why the last change was not kept: said on every page until one is. */
  unkept: "" | "storage-full" | "storage" = "";
  lastHeard = 0;
  samples: Sample[] = [];
  photos = { waiting: 0, broken: 0 };
  unsent = 0;
  /** The draft that was open when the app was left: opened again after the PIN. */
  left: string | null = null;

  private database!: Database; // none where the browser keeps nothing: then nothing but that is shown
  private vault: Vault | null = null;
  private keeper: DraftKeeper | null = null;
  private next: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(private readonly changed: () => void) {}

  // --- starting, locking, opening

  async start(): Promise<void> {
    try {
      this.database = await openDatabase(() => {
        void this.lock().then(() => {
          this.database.close();
        });
      });
    } catch {
      return this.become("unusable"); // a private window, or a browser that keeps nothing
    }
    if (!(await getMeta<string>(this.database, "install"))) await putMeta(this.database, "install", uuid7());
    this.attempts = (await getMeta<Attempts>(this.database, "attempts")) ?? this.attempts;
    this.idleMinutes = (await getMeta<number>(this.database, "idle")) ?? IDLE_MINUTES;
    this.unsent = await oplog.countOps(this.database, "pending");
    const wrapped = await getMeta<Wrapped>(this.database, "vault");
    const wiped = await getMeta<boolean>(this.database, "wiped");
    this.become(wrapped ? "locked" : wiped ? "wiped" : "new");
  }

  get language(): Promise<Language | undefined> | undefined {
    return this.database && getMeta<Language>(this.database, "language");
  }

  async setLanguage(language: Language): Promise<void> {
    await putMeta(this.database, "language", language);
    if (this.vault) await this.loadTemplates(language);
    this.changed();
  }

  async setIdle(minutes: number): Promise<void> {
    this.idleMinutes = minutes;
    await putMeta(this.database, "idle", minutes);
    this.changed();
  }

  /** Choose the first PIN: from here on, all that is kept is sealed. */
  async choosePin(pin: string): Promise<void> {
    const [vault, wrapped] = await Vault.make(pin, await calibrated());
    await putMeta(this.database, "vault", wrapped);
    await putMeta(this.database, "wiped", undefined);
    await this.opened(vault);
  }

  /** Return for how many seconds no PIN is taken. */
  get waitS(): number {
    return lockedFor(this.attempts, Date.now());
  }

  /** Open with the PIN; tell whether it was right. */
  unlock(pin: string): Promise<boolean> {
    return this.tried(async (wrapped) => {
      const vault = await Vault.open(pin, wrapped);
      return () => this.opened(vault);
    });
  }

  /** Change the PIN; tell whether the old one was right. */
  changePin(pin: string, next: string): Promise<boolean> {
    return this.tried(async (wrapped) => {
      const rewrapped = await Vault.rewrap(pin, wrapped, next, await calibrated());
      return () => putMeta(this.database, "vault", rewrapped);
    });
  }

  /**
   * Try a PIN; tell whether it was right. It is counted as wrong before it is tried, so that killing the app gains nothing.
   *
   * @param open what needs the PIN; returns what to do when it was right. @throws WrongPin
   */
  private async tried(open: (wrapped: Wrapped) => Promise<() => Promise<void>>): Promise<boolean> {
    const wrapped = await getMeta<Wrapped>(this.database, "vault");
    if (!wrapped || this.waitS) return false;
    try {
      await this.count({ wrong: this.attempts.wrong + 1, at: Date.now() });
      const then = await open(wrapped);
      await this.count({ wrong: 0, at: 0 });
      await then();
      return true;
    } catch (error) {
      if (error instanceof WrongPin) return false;
      this.failed(error);
      throw error;
    }
  }

  private async count(attempts: Attempts): Promise<void> {
    this.attempts = attempts;
    await putMeta(this.database, "attempts", attempts);
    this.changed();
  }

  /** Write what waits, and forget the key and all that was opened with it. */
  async lock(): Promise<void> {
    if (this.phase !== "open") return;
    await this.flush();
    clearTimeout(this.next);
    this.vault = this.keeper = this.session = null;
    this.model = modelOf(new Map());
    this.drafts = [];
    this.ops = [];
    this.become("locked");
  }

  private async opened(vault: Vault): Promise<void> {
    this.vault = vault;
    this.keeper = new DraftKeeper(this.database, vault, (error) => {
      if (error || this.unkept) this.failed(error);
    });
    const sealed = await getMeta<Uint8Array<ArrayBuffer>>(this.database, PLACE);
    this.session = sealed ? await vault.openJson<Session>(PLACE, sealed) : null;
    this.left = (await getMeta<string>(this.database, "left")) ?? null;
    await this.loadTemplates((await this.language) ?? "zh-Hans");
    await this.refresh();
    this.become("open");
    if (this.session) this.soon(0);
  }

  private become(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  /** Say that something was not kept, and why; without an error, that all is kept again. */
  private failed(error?: unknown): void {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    this.unkept = error ? (full ? "storage-full" : "storage") : "";
    this.changed();
  }

  /** Forget everything: for who forgot the PIN. What was not sent is lost. */
  async erase(): Promise<void> {
    clearTimeout(this.next);
    this.vault = this.keeper = this.session = null;
    const stores = [...this.database.objectStoreNames];
    const language = await this.language;
    const change = begin(this.database, stores);
    for (const store of stores) await change.objectStore(store).clear();
    await change.objectStore("meta").put(uuid7(), "install");
    if (language) await change.objectStore("meta").put(language, "language");
    await change.done;
    this.attempts = { wrong: 0, at: 0 };
    this.drafts = [];
    this.ops = [];
    this.trouble = "";
    this.become("new");
  }

  // --- whose it is

  /** Trade a one-time code for a token; what the phone holds stays. Returns what is wrong, or nothing. */
  async enrol(code: string): Promise<string> {
    const install = await getMeta<string>(this.database, "install");
    try {
      const { headers, body } = await packed({ code, install, app: APP });
      const response = await send(null, "POST", "/api/v1/devices", headers, body);
      if (response.status !== 201) return await this.notEnrolled((await readTrouble(response)).slug);
      const told = await readJson(response);
      const user = told["user"] as JsonObject;
      const foreign = this.session && this.session.user.id !== user["id"];
      if (foreign && (this.unsent || this.drafts.length)) return "other";
      const session: Session = {
        token: String(told["token"]),
        user: { id: String(user["id"]), name: String(user["name"]), login: String(user["login"]) },
      };
      await putMeta(this.database, PLACE, await this.open.sealJson(PLACE, session));
      this.session = session;
      this.trouble = "";
      this.changed();
      this.soon(0);
      return "";
    } catch (error) {
      if (error instanceof NoAnswer) return wordOf(error);
      throw error;
    }
  }

  /** The id of this install is taken (the phone was marked as stolen, or was somebody else's): the next try has another. */
  private async notEnrolled(slug: string): Promise<string> {
    if (slug === "conflict") {
      const change = begin(this.database, ["meta", "ops"]);
      await oplog.move(change, uuid7());
      await change.done;
    }
    return slug;
  }

  private get open(): Vault {
    if (!this.vault) throw new Error("the phone is locked");
    return this.vault;
  }

  // --- what it records

  keepDraft(draft: Draft): void {
    this.drafts = [draft, ...this.drafts.filter((each) => each.id !== draft.id)];
    this.keeper?.keep(draft);
  }

  flush(): Promise<void> {
    return this.keeper?.flush() ?? Promise.resolve();
  }

  async leave(draft: string | null): Promise<void> {
    this.left = draft;
    await putMeta(this.database, "left", draft ?? undefined);
  }

  /** Delete a draft, and the photos that were taken for it alone. */
  async deleteDraft(id: string): Promise<void> {
    this.keeper?.drop(id);
    const photos = (drafts: Draft[]): string[] => drafts.flatMap((each) => photosOf(each.answers, "").map(({ sha256 }) => sha256));
    const left = this.drafts.filter((each) => each.id !== id);
    const change = begin(this.database, ["drafts", "ops", "photos"]);
    await forget(change, id);
    await dropPhotos(change, photos(this.drafts), new Set(photos(left)));
    await change.done;
    this.drafts = left;
    this.changed();
  }

  /** Put an op into the outbox, in place of a draft if it was one. Throws when the disk is full: the draft stays. */
  async record(content: oplog.OpContent, draft?: string): Promise<void> {
    if (draft) this.keeper?.drop(draft);
    try {
      await oplog.record(this.database, this.open, content, async (change) => {
        if (draft) await forget(change, draft);
      });
    } catch (error) {
      this.failed(error);
      throw error;
    }
    await this.refresh();
    this.soon(0);
    void askBackgroundSync();
  }

  async keepPhoto(file: Blob): Promise<{ sha256: string; length: number; type: string }> {
    try {
      return await keepPhoto(this.database, this.open, file);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** Return length and type of a photo, as an op names it; nothing of one that another phone took. */
  async aboutPhoto(sha256: string): Promise<{ length?: number; type?: string }> {
    const photo = await this.database.get("photos", sha256);
    return photo ? { length: photo.length, type: photo.type } : {};
  }

  readPhoto(sha256: string): Promise<Blob | null> {
    return readPhoto(this.database, this.open, sha256);
  }

  // --- what it holds

  async refresh(): Promise<void> {
    const { database, vault } = this;
    if (!vault) return;
    await this.flush();
    this.model = modelOf(await openRows(database, vault));
    this.drafts = await openDrafts(database, vault);
    const records = (await database.getAll("ops")).sort((one, other) => other.place - one.place);
    this.ops = await Promise.all(
      records.map(async (record) => ({
        record,
        content: await oplog.contentOf(vault, record),
        told: await oplog.toldOf(vault, record),
      })),
    );
    this.samples = (await getMeta<Sample[]>(database, "samples")) ?? [];
    this.lastHeard = (await getMeta<number>(database, "heard")) ?? 0;
    this.unsent = records.filter((each) => each.state === "pending").length;
    const [wanted, kept, broken] = await Promise.all(
      (["wanted", "kept", "broken"] as const).map((state) => photosIn(database, state)),
    );
    this.photos = { waiting: wanted!.length + kept!.length, broken: broken!.length };
    this.changed();
  }

  /** What was asked, as `<household>/<form>/<round>`; the server may not know yet. */
  get asked(): Set<string> {
    const asked = new Set<string>();
    for (const { record, content } of this.ops) {
      const { household, round } = content.body;
      if (content.kind === "interview" && record.state !== "rejected") asked.add(`${String(household)}/${content.formId}/${String(round)}`);
    }
    return asked;
  }

  /** Interviews that are to be corrected, but those that this phone has corrected: the server may not know yet. */
  get returned(): Returned[] {
    const sent = this.ops.filter(({ record }) => record.state !== "rejected");
    const parents = new Set(sent.map(({ content }) => content.body["parent"]));
    return this.model.returned.filter(({ op, row }) => {
      const own = this.ops.find(({ record }) => record.id === op);
      return !parents.has(row?.revision ?? own?.content.body["revision"] ?? "");
    });
  }

  /** Ids of findings that this phone has answered. */
  get replied(): Set<string> {
    const replies = this.ops.filter(({ record, content }) => content.kind === "reply" && record.state !== "rejected");
    return new Set(replies.map(({ content }) => String(content.body["finding"])));
  }

  /** Return a form version that is held, or null. */
  async form(sha256: string): Promise<JsonObject | null> {
    const raw = await this.database.get("forms", sha256);
    return raw === undefined ? null : (JSON.parse(raw) as JsonObject);
  }

  /** How far the phone's clock is off, in ms; 0 when nobody knows. */
  get clockOff(): number {
    return offset(this.samples, moment())?.off ?? 0;
  }

  // --- exchanging

  /** Exchange soon: after `seconds`, or as long after a failure as failures make it. */
  soon(seconds: number): void {
    clearTimeout(this.next);
    this.next = setTimeout(() => void this.sync(), seconds * 1000);
  }

  /** Exchange now; one at a time, in whatever tab. */
  async sync(): Promise<void> {
    if (this.syncing || !this.session || !this.vault) return;
    this.syncing = true;
    this.changed();
    try {
      const outcome = await alone(() => this.exchange());
      if (outcome) await this.conclude(outcome);
    } catch (error) {
      this.failed(error);
    } finally {
      this.syncing = false;
      this.changed();
    }
  }

  private async exchange(): Promise<Outcome> {
    const { database } = this;
    const held = new Set(this.model.interviews.filter((each) => each.returned).map((each) => each.op));
    const phone = { database, vault: this.open, token: this.session!.token, app: APP, keep: () => held };
    const exchange = new Exchange(phone);
    let outcome = await exchange.run();
    if (outcome.heard && !outcome.again) {
      await this.refresh();
      try {
        await this.fetchReference(exchange);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        return { ...outcome, heard: false, trouble: wordOf(error) };
      }
      const whole = await exchange.upload(() => void this.refresh());
      if (!whole) outcome = { ...outcome, heard: false, trouble: "photos" };
      else if (this.photos.waiting) outcome = await exchange.run();
    }
    return outcome;
  }

  private async conclude(outcome: Outcome): Promise<void> {
    if (await getMeta<boolean>(this.database, "wiped")) {
      this.vault = this.keeper = this.session = null;
      this.become("wiped");
      return;
    }
    if (outcome.trouble === "device-revoked") await this.dropRows();
    if (outcome.heard) await putMeta(this.database, "heard", Date.now());
    this.trouble = outcome.trouble;
    this.failures = outcome.heard ? 0 : this.failures + 1;
    await this.refresh();
    if (outcome.refused) return; // a person is needed
    const wait = outcome.heard ? NEXT_S : Math.min(LONGEST_S, FIRST_S * 2 ** this.failures) * (0.5 + Math.random());
    this.soon(Math.max(outcome.waitS, wait));
  }

  /** The phone was marked as stolen: what can be had again goes; what only it holds stays sealed. */
  private async dropRows(): Promise<void> {
    const change = begin(this.database, ["rows", "scopes", "parts", "meta"]);
    for (const store of ["rows", "scopes", "parts"] as const) await change.objectStore(store).clear();
    await change.objectStore("meta").delete("cursor");
    await change.done;
  }

  /** Fetch the forms that are granted and not here, and the sentences of findings. */
  private async fetchReference(exchange: Exchange): Promise<void> {
    const held = new Set(await this.database.getAllKeys("forms"));
    const { forms, returned } = this.model;
    const wanted = new Set([...forms.map((each) => each.sha256), ...returned.flatMap(({ row }) => row?.form ?? [])]);
    for (const sha256 of [...wanted].filter((each) => !held.has(each))) {
      const response = await exchange.send("GET", `/api/v1/forms/versions/${sha256}`, {});
      if (response.status !== 200) continue;
      const text = await response.text();
      // A portal's page, or half of a form, has another digest.
      if ((await sha256Hex(utf8(text))) === sha256) await this.database.put("forms", text, sha256);
    }
    const language = (await this.language) === "en" ? "en" : "zh-Hans";
    const known = await getMeta<Templates>(this.database, `messages/${language}`);
    const headers: Record<string, string> = known ? { "If-None-Match": `"${known.version}.${language}"` } : {};
    const response = await exchange.send("GET", `/api/v1/policy/messages?lang=${language}`, headers);
    if (response.status !== 200) return;
    const told = (await readJson(response)) as unknown as Templates;
    await putMeta(this.database, `messages/${language}`, told);
    this.templates = told;
    this.changed();
  }

  private async loadTemplates(language: Language): Promise<void> {
    const name = language === "en" ? "messages/en" : "messages/zh-Hans";
    this.templates = (await getMeta<Templates>(this.database, name)) ?? null;
  }
}

const NEXT_S = 30 * 60;
const FIRST_S = 5;
const LONGEST_S = 15 * 60;

/** Do something that no other tab does meanwhile; null when one does. */
async function alone<T>(work: () => Promise<T>): Promise<T | null> {
  if (!("locks" in navigator)) return work();
  return (await navigator.locks.request(SYNC_LOCK, { ifAvailable: true }, async (lock) =>
    lock ? work() : null,
  )) as T | null;
}

/** Ask the browser to wake the app when there is a line again, where it can. */
async function askBackgroundSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register("outbox").catch(() => undefined);
}
