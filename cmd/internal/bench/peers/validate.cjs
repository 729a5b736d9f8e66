// Reads, parses and checks every record of a dataset with a YAML library of
// npm's and ajv: the peers of netsync validate. It knows the record's schema
// alone, nothing of other records.
//
//	node validate.cjs yaml|js-yaml SCHEMAS DATASET
const fs = require('node:fs');
const path = require('node:path');
const Ajv = require('ajv/dist/2020');

const [library, schemas, dataset] = process.argv.slice(2);

function parser() {
  if (library === 'js-yaml') {
    const { load } = require('js-yaml');
    return (text) => load(text);
  }
  const { parseDocument, LineCounter } = require('yaml');
  return (text) => {
    const lineCounter = new LineCounter();
    const doc = parseDocument(text, { lineCounter });
    if (doc.errors.length > 0) throw doc.errors[0];
    return doc.toJS();
  };
}

const ajv = new Ajv({ allErrors: true, strict: false });
for (const name of fs.readdirSync(schemas)) {
  ajv.addSchema(JSON.parse(fs.readFileSync(path.join(schemas, name), 'utf8')));
}
const check = ajv.getSchema('https://example.org/netsync/v1/network.schema.json');
const parse = parser();
let records = 0;
let wrong = 0;
for (const entry of fs.readdirSync(path.join(dataset, 'networks'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const value = parse(fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), 'utf8'));
  records++;
  if (!check(value)) wrong++;
}
if (wrong > 0) throw new Error(`${wrong} records are wrong`);
console.log(records);
