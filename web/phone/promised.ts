/** IndexedDB by promises: stores, their indexes, and changes of several stores. Nothing of cursors, which nobody here opens. */

/** What a store holds: key, value, and the names of its indexes. */
interface Held {
  key: IDBValidKey;
  value: unknown;
  index: string;
}
type Stores<S> = { [name in keyof S]: Held };
type Name<S> = keyof S & string;

/** What can be read of a store, or of the index of a store, by the key of either. */
interface Source<H extends Held> {
  get(key: H["key"]): Promise<H["value"] | undefined>;
  getAll(key?: IDBValidKey): Promise<H["value"][]>;
  getAllKeys(key?: IDBValidKey): Promise<H["key"][]>;
  count(key?: IDBValidKey): Promise<number>;
}

interface Store<H extends Held> extends Source<H> {
  put(value: H["value"], key?: H["key"]): Promise<H["key"]>;
  delete(key: H["key"]): Promise<void>;
  clear(): Promise<void>;
  index(name: H["index"]): Source<H>;
}

/** A change: all of it or nothing. `done` resolves when it is on the disk. */
export interface Transaction<S extends Stores<S>> {
  objectStore<N extends Name<S>>(name: N): Store<S[N]>;
  done: Promise<void>;
}

/** A database: what is asked of one store by itself, and changes of several. What is written is on the disk when it resolves. */
export interface Opened<S extends Stores<S>> {
  readonly stores: Name<S>[];
  get<N extends Name<S>>(store: N, key: S[N]["key"]): Promise<S[N]["value"] | undefined>;
  getAll<N extends Name<S>>(store: N): Promise<S[N]["value"][]>;
  getAllKeys<N extends Name<S>>(store: N): Promise<S[N]["key"][]>;
  put<N extends Name<S>>(store: N, value: S[N]["value"], key?: S[N]["key"]): Promise<S[N]["key"]>;
  delete<N extends Name<S>>(store: N, key: S[N]["key"]): Promise<void>;
  /** Read by the index of a store. */
  by<N extends Name<S>>(store: N, index: S[N]["index"]): Source<S[N]>;
  change(stores: Name<S>[]): Transaction<S>;
  close(): void;
}

/** Anything with requests for members: a store, an index. */
type Requests = Record<string | symbol, (...given: unknown[]) => IDBRequest | object>;

const told = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    request.onsuccess = () => { done(request.result); };
    request.onerror = () => { failed(request.error!); };
  });

/** The same store or index, whose requests are promises. */
function promising<T>(source: object): T {
  return new Proxy(source as Requests, {
    get: (target, name) => (...given: unknown[]) => {
      const made = target[name]!(...given);
      return "readyState" in made ? told(made) : promising(made);
    },
  }) as T;
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((complete, failed) => {
    transaction.oncomplete = () => { complete(); };
    transaction.onabort = () => { failed(transaction.error ?? new DOMException("", "AbortError")); };
  });
}

/**
 * Open a database, and make its stores where there is none.
 *
 * @param onOld another tab with a newer app needs this one to let go.
 */
export async function opened<S extends Stores<S>>(
  name: string,
  version: number,
  onOld: () => void,
  make: (database: IDBDatabase) => void,
): Promise<Opened<S>> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => { make(request.result); };
  const database = await told(request);
  database.onversionchange = onOld;
  const change = (stores: string[]): Transaction<S> => {
    const begun = database.transaction(stores, "readwrite", { durability: "strict" });
    const ends = done(begun);
    ends.catch(() => undefined); // who fails in the midst of it hears of that
    return { objectStore: (store) => promising(begun.objectStore(store)), done: ends };
  };
  const read = (store: string): IDBObjectStore => database.transaction(store).objectStore(store);
  const written = async <T>(store: string, work: (into: Store<Held>) => Promise<T>): Promise<T> => {
    const begun = change([store]);
    const [found] = await Promise.all([work(begun.objectStore(store as Name<S>) as unknown as Store<Held>), begun.done]);
    return found;
  };
  return {
    stores: [...database.objectStoreNames] as Name<S>[],
    get: (store, key) => promising<Store<S[typeof store]>>(read(store)).get(key),
    getAll: (store) => promising<Store<S[typeof store]>>(read(store)).getAll(),
    getAllKeys: (store) => promising<Store<S[typeof store]>>(read(store)).getAllKeys(),
    put: (store, value, key) => written(store, (into) => into.put(value, key)),
    delete: (store, key) => written(store, (into) => into.delete(key)),
    by: (store, index) => promising(read(store).index(index)),
    change,
    close: () => { database.close(); },
  };
}
