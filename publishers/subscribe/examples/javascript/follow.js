// Keeps a copy of a dataset in step with its events, and proves at each
// changeset that nothing was missed:
//
//   npm install
//   node follow.js nats://127.0.0.1:4222 leiden-networks copy.json
//
// The copy is replaced after each changeset, never half of one. After an
// interruption the program goes on from where the copy is.
import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

// canonical is RFC 8785: JSON.stringify with sorted keys.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}

// A State holds records by "<collection>/<id>" and knows their digest.
class State {
  #buckets = Array.from({ length: 256 }, () => ({ records: new Map(), digest: sha256("") }));

  constructor(records = {}) {
    for (const [name, record] of Object.entries(records)) this.put(name, record);
  }

  #bucket(name) {
    const bucket = this.#buckets[parseInt(sha256(name).slice(0, 2), 16)];
    bucket.digest = null; // it changes
    return bucket.records;
  }

  put(name, record) {
    this.#bucket(name).set(name, { record, digest: `sha256:${sha256(canonical(record))}` });
  }

  remove(name) {
    this.#bucket(name).delete(name);
  }

  get(name) {
    return this.#buckets[parseInt(sha256(name).slice(0, 2), 16)].records.get(name)?.record;
  }

  // apply takes changes in and returns those that undo them.
  apply(changes) {
    const before = changes.map(([name]) => [name, this.get(name)]).reverse();
    for (const [name, record] of changes) record ? this.put(name, record) : this.remove(name);
    return before;
  }

  records() {
    return Object.fromEntries(this.#buckets.flatMap((b) => [...b.records].map(([name, { record }]) => [name, record])));
  }

  digest() {
    for (const bucket of this.#buckets) {
      bucket.digest ??= sha256([...bucket.records].map(([name, { digest }]) => `${name} ${digest}\n`).sort().join(""));
    }
    return `sha256:${sha256(this.#buckets.map((b, n) => `${n.toString(16).padStart(2, "0")} ${b.digest}\n`).join(""))}`;
  }
}

async function load(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return { sequence: 0, records: {} };
    throw error;
  }
}

async function save(file, copy) {
  await writeFile(`${file}.new`, JSON.stringify(copy), { flush: true });
  await rename(`${file}.new`, file);
}

// messages yields a stream's messages without end. After each break of the
// connection it begins anew behind the copy, with null for a sign: the client's
// own consumer goes on by itself in most cases, and now and then stays silent.
async function* messages(connection, stream, copy) {
  let consuming;
  (async () => {
    for await (const { type } of connection.status()) if (type === "reconnect") consuming?.stop();
  })();
  while (!connection.isClosed()) {
    try {
      const consumer = await stream.getConsumer({
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: copy.sequence + 1,
      });
      consuming = await consumer.consume();
      yield null;
      for await (const message of consuming) yield message;
    } catch (error) {
      console.error(`${error.message}; trying again`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

// eventOf reads a message. It is null for one that is not an event of the dataset,
// which anyone whom the broker lets publish can cause: such a message is set aside.
function eventOf(message, dataset) {
  let event;
  try {
    event = message.json();
  } catch {
    return null;
  }
  if (event?.source !== `/datasets/${dataset}` || typeof event.type !== "string" || !event.data) return null;
  if (event.type.startsWith("netsync.record.")) {
    const { record, digest } = event.data;
    if (message.subject !== `netsync.${dataset}.${String(event.subject).replace("/", ".")}`) return null;
    if (digest !== (record ? `sha256:${sha256(canonical(record))}` : null)) return null;
  }
  return event;
}

// shared is the last message that the stream has in common with the one that a
// copy was made from. The stream's time of creation is its epoch, unless a
// restore recorded another one.
function shared({ created, config: { metadata = {} } }, copy) {
  const epoch = metadata["netsync.epoch"] ?? String(Date.parse(created));
  const older = (metadata["netsync.older_epochs"] ?? "").split(",").map((pair) => pair.split(":"));
  const earlier = new Map([...older, [metadata["netsync.previous_epoch"], metadata["netsync.shared_sequence"]]]);
  const known = copy.epoch ?? epoch;
  copy.epoch = epoch;
  return known === epoch ? Infinity : Number(earlier.get(known) ?? 0);
}

async function follow(servers, dataset, file) {
  const copy = await load(file);
  const state = new State(copy.records);
  const connection = await connect({ servers, maxReconnectAttempts: -1 });
  const stream = await jetstream(connection).streams.get(`netsync-${dataset}`);
  if (copy.sequence > shared(await stream.info(), copy)) {
    throw new Error(`the stream was made again and does not have message ${copy.sequence}; delete ${file} to begin anew`);
  }
  if (copy.sequence > 0) {
    const known = await stream.getMessage({ seq: copy.sequence });
    if (known?.json().id !== copy.changeset) throw new Error(`${file} is of another stream; delete it to begin anew`);
  }
  let pending = []; // record events count once their changeset is complete
  for await (const message of messages(connection, stream, copy)) {
    if (message === null) {
      pending = [];
      continue;
    }
    const event = eventOf(message, dataset);
    if (event === null) continue;
    const { type, subject, data } = event;
    if (type.startsWith("netsync.record.")) pending.push([subject, data.record]);
    if (type !== "netsync.changeset.completed") continue;
    const undo = state.apply(pending);
    if (state.digest() !== data.state_digest) {
      console.error(`changeset ${data.changeset} is set aside: the events give ${state.digest()}, announced is ${data.state_digest}`);
      state.apply(undo);
      continue; // a later changeset covers these changes
    }
    copy.sequence = message.seq;
    copy.changeset = data.changeset;
    await save(file, { ...copy, records: state.records() });
    console.log(`${data.changeset}: ${pending.length} changes, ${data.records} records, ${state.digest()}`);
    pending = [];
  }
}

if (process.argv.length !== 5) {
  console.error("usage: node follow.js SERVER DATASET COPY");
  process.exit(2);
}
await follow(...process.argv.slice(2));
