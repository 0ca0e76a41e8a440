// `ROUTER_SECRET` is what the packages subgraph was started with as `--router-secret`; nobody else gets to see it.
const { ROUTER_SECRET } = process.env;

export const headersFor = (subgraph) =>
  subgraph === 'packages' && ROUTER_SECRET ? { 'x-router-secret': ROUTER_SECRET } : {};
