// Composes subgraphs (`[{ name, sdl }]` on standard input) with Apollo's and with Hive's library.
const apollo = require('@apollo/composition');
const hive = require('@theguild/federation-composition');
const { parse } = require('graphql');

const subgraphs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const services = subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}/`, typeDefs: parse(sdl) }));
const outcome = ({ supergraphSdl, errors = [], hints = [] }) => ({
  supergraph: supergraphSdl,
  errors: errors.map(String),
  hints: hints.map(String),
});
console.log(
  JSON.stringify({ apollo: outcome(apollo.composeServices(services)), hive: outcome(hive.composeServices(services)) }),
);
