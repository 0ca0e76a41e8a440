// The suite's client, with ports that were free instead of 4000 and 4001.
const { graphqlRequest } = jest.requireActual(
  '@apollo/federation-subgraph-compatibility-tests/dist/utils/client',
);

exports.productsRequest = (request, headers) => graphqlRequest(process.env.PRODUCTS_URL, request, headers);
exports.routerRequest = (request, headers) => graphqlRequest(process.env.ROUTER_URL, request, headers);
