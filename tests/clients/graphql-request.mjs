// node graphql-request.mjs URL: prints what a query gives, and what a mistake does.
import { ClientError, gql, GraphQLClient } from 'graphql-request';

const client = new GraphQLClient(process.argv[2]);
const document = gql`
  query Compare($slug: String!) {
    grid(slug: $slug) {
      packages {
        slug
      }
    }
  }
`;
const { grid } = await client.request(document, { slug: 'maps' });
const mistake = await client.request(document).catch(error => error);
console.log(
  JSON.stringify({
    slugs: grid.packages.map(each => each.slug),
    refused: mistake instanceof ClientError && mistake.response.errors[0].extensions,
    unknown: (await client.rawRequest(document, { slug: 'nope' })).data,
  }),
);
