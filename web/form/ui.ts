/** What the parts of the screen ask of the form view, and what they are told. */
import type { Context } from "./issues";
import type { Json, Path } from "./types";

/** What the app around the form does for it. */
export interface Services {
  /** A new id for a row: UUID text. */
  newId(): string;
  /** Keeps a photo and gives the answer that names it: `{file, sha256, bytes}`. */
  takePhoto(file: File, path: Path): Promise<Json>;
  /** A `blob:` address of a kept photo, null when it is not on this phone. */
  photoUrl(answer: Json): Promise<string | null>;
  /** The position of the phone: `{lat, lon, acc, at}`. */
  locate(): Promise<Json>;
}

/** The same object as long as a form view lives, so that a question that did not change is not drawn again. */
export interface Ui {
  readonly services: Services;
  answer(path: Path, value: Json | undefined): void;
  /** The question was left: what is wrong with it may be said. */
  touch(path: Path): void;
  add(path: Path): void;
  open(path: Path): void;
  remove(path: Path): void;
}

export type { Context };
