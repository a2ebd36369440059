"use strict";
// DuckDB in the page, with the report's rows in it: it starts in a worker when something is first asked.
const database = (() => {
  const READ_ONLY = 2;
  const FILE = "answers.duckdb";
  const ANSWER = "answer.csv";
  // What gives rows; everything else is only run.
  const ASKS = /^(\(|(select|from|with|values|table|describe|show|summarize|pivot|unpivot)\b)/i;
  let started = null;

  // Speaks with DuckDB's worker: each message is numbered, and answered under its number.
  function open(source) {
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const waiting = new Map();
    let sent = 0;
    worker.onmessage = ({ data: { requestId, type, data } }) => {
      if (!waiting.has(requestId) || type.endsWith("PROGRESS")) return;
      const { resolve, reject } = waiting.get(requestId);
      waiting.delete(requestId);
      // The line above the reader's own is that which writes the answer.
      if (type === "ERROR") reject(new Error(data.message.replace(/^LINE (\d+):/m, (_, line) => `LINE ${line - 1}:`)));
      else resolve(data);
    };
    function end(reason) {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new Error(reason));
      waiting.clear();
    }
    worker.onerror = (event) => end(event.message);
    const tell = (type, data = null) => new Promise((resolve, reject) => {
      sent += 1;
      waiting.set(sent, { resolve, reject });
      worker.postMessage({ messageId: sent, type, data });
    });
    return { worker, tell, end };
  }

  async function start() {
    const [early, script, module, file] = await Promise.all(
      ["database-worker", "duckdb-worker", "duckdb-module", "database-file"].map(dom.unpacked),
    );
    const { worker, tell, end } = open([await early.text(), await script.text()].join("\n"));
    const bytes = await module.arrayBuffer();
    worker.postMessage({ module: bytes }, [bytes]);
    await tell("INSTANTIATE", ["data:,", null]);
    await tell("REGISTER_FILE_BUFFER", [FILE, new Uint8Array(await file.arrayBuffer())]);
    await tell("OPEN", { path: FILE, accessMode: READ_ONLY });
    const connection = await tell("CONNECT");
    const run = (text) => tell("RUN_QUERY", [connection, text]);
    // First of all, since it would ask the network for JSON and Parquet; then it may reach the answer alone.
    for (const setting of ["autoinstall_known_extensions = false", "autoload_known_extensions = false",
      `allowed_paths = ['${ANSWER}']`, "enable_external_access = false"]) await run(`set ${setting}`);
    return { tell, run, end };
  }

  // Cut where DuckDB sees a semicolon that stands in no text and no comment. It counts bytes.
  async function statements({ tell }, text) {
    const bytes = new TextEncoder().encode(text);
    const { offsets } = await tell("TOKENIZE", text);
    const ends = [...offsets].filter((at) => bytes[at] === ";".charCodeAt(0));
    const starts = [0, ...ends.map((at) => at + 1)];
    const cut = starts.map((from, at) => bytes.slice(from, ends[at] ?? bytes.length));
    return cut.map((part) => new TextDecoder().decode(part)).filter((part) => bare(part));
  }
  // Without the comments and space that it begins with.
  const bare = (text) => text.replace(/^(\s|--[^\n]*(\n|$)|\/\*[^]*?\*\/)+/, "");

  // Texts are quoted and null is not, so that they are told apart.
  function rowsOf(csv) {
    const rows = [];
    let row = [];
    for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
      row.push(quoted === undefined ? (plain === "" ? null : plain) : quoted.replaceAll('""', '"'));
      if (end === ",") continue;
      rows.push(row);
      row = [];
    }
    return rows;
  }
  async function read({ tell, run }, query) {
    await tell("REGISTER_FILE_BUFFER", [ANSWER, new Uint8Array(0)]);
    await run(`copy (${query}) to '${ANSWER}' (format csv, header, force_quote *, use_tmp_file false)`);
    const bytes = await tell("COPY_FILE_TO_BUFFER", ANSWER);
    await tell("DROP_FILE", ANSWER);
    return rowsOf(new TextDecoder().decode(bytes));
  }

  // { names, types, rows } of the last statement, rows of texts and nulls; null if it gives none.
  async function ask(text) {
    started ??= start();
    const opened = await started;
    const all = await statements(opened, text);
    const last = all.pop() ?? "";
    for (const one of all) await opened.run(one);
    if (!ASKS.test(bare(last))) {
      if (last) await opened.run(last);
      return null;
    }
    const described = await read(opened, `select column_name, column_type from (describe (from (\n${last}\n)))`);
    const [names, ...rows] = await read(opened, `from (\n${last}\n)`);
    return { names, types: described.slice(1).map(([, type]) => type), rows };
  }

  // Ends what is being worked out; DuckDB starts anew for the next query.
  async function stop() {
    const stopping = started;
    started = null;
    (await stopping)?.end("Stopped.");
  }

  return { ask, stop, isStarted: () => started !== null };
})();
