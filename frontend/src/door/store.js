// What this phone keeps of its doors: the packs, and everything that was read and has not reached the server.

const NAME = "sixnet-door";
const PACKS = "packs";
const QUEUE = "queue";

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(PACKS, { keyPath: "event" });
      request.result.createObjectStore(QUEUE, { keyPath: "nonce" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new DOMException("blocked", "AbortError"));
  });
  opened.catch(() => (opened = null));
  return opened;
}

/**
 * Run one transaction to its end: what it wrote is on the disk when this resolves, or it throws.
 * @param {string} store
 * @param {"readonly" | "readwrite"} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 */
async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
  });
}

export const packs = {
  get: (event) => run(PACKS, "readonly", (store) => store.get(event)),
  all: () => run(PACKS, "readonly", (store) => store.getAll()),
  put: (pack) => run(PACKS, "readwrite", (store) => store.put(pack)),
  forget: (event) => run(PACKS, "readwrite", (store) => store.delete(event)),
  forgetAll: () => run(PACKS, "readwrite", (store) => store.clear()),
};

export const queue = {
  all: () => run(QUEUE, "readonly", (store) => store.getAll()),
  put: (entry) => run(QUEUE, "readwrite", (store) => store.put(entry)),
  remove: (nonce) => run(QUEUE, "readwrite", (store) => store.delete(nonce)),
};
