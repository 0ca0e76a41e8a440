// The reviews subgraph. `PORT` says where it listens, 0 takes a free port; `HOST` at what address, the loopback by default.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const reviews = JSON.parse(read('reviews.json'));
const reviewsOf = ({ id, slug }) => reviews.filter((review) => review.package.id === id || review.package.slug === slug);

const resolvers = {
  Query: { reviews: () => reviews },
  Review: { author: (review) => ({ login: review.author }) },
  // A router names a package by id or by slug; what it does not name, and nobody reviewed, stays unknown here.
  Package: {
    __resolveReference: (key) => ({ ...reviewsOf(key)[0]?.package, ...key }),
    reviews: reviewsOf,
    averageStars: (key) => mean(reviewsOf(key).map((review) => review.stars)),
  },
  Participant: {
    __resolveReference: (key) => key,
    reviews: ({ login }) => reviews.filter((review) => review.author === login),
  },
};

const mean = (numbers) => (numbers.length ? numbers.reduce((sum, number) => sum + number) / numbers.length : null);

const { HOST = '127.0.0.1', PORT = 4001 } = process.env;
const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs: parse(read('reviews.graphql')), resolvers }) });
const { url } = await startStandaloneServer(server, { listen: { host: HOST, port: Number(PORT) } });
console.log(`Reviews subgraph: ${url}`);
