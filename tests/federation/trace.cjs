// Decodes a trace (base64 as JSON text on standard input) with Apollo's own library.
const { Trace } = require('@apollo/usage-reporting-protobuf');

const text = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const trace = Trace.decode(Buffer.from(text, 'base64'));
console.log(JSON.stringify(Trace.toObject(trace, { longs: Number })));
