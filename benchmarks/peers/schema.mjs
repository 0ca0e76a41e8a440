// The part of the gateway's schema that the measured queries use, under the same names, and its resolvers.
import { categoryBySlug, packagesOfCategory } from './catalogue.mjs'

export const typeDefs = `
  scalar DateTime
  scalar URL
  type Query {
    package(id: ID, slug: String): Package
    category(slug: String): Category
  }
  type Package {
    id: ID!
    title: String!
    slug: String!
    repoUrl: URL
    repoWatchers: Int!
    repoForks: Int!
    repoDescription: String!
    pypiVersion: String
    pypiUrl: URL
    documentationUrl: URL
    lastUpdated: DateTime
    lastFetched: DateTime
    created: DateTime!
    modified: DateTime!
    commitsOver52: [Int!]!
    category: Category
    participants: [Participant!]!
    grids: [Grid]!
  }
  type Participant { login: String! isBot: Boolean! }
  type Grid { id: ID! title: String! slug: String! packages: [Package]! }
  type Category { id: ID! title: String! slug: String! packages(first: Int!): PackageConnection! }
  type PackageConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Package]! }
  type PageInfo { hasNextPage: Boolean! }
`

export const resolvers = {
  Query: {
    package: (_, { id, slug }, { loaders }) => loaders.packages.load(id ?? slug),
    category: (_, { slug }) => categoryBySlug(slug),
  },
  Package: {
    category: ({ categoryId }, _, { loaders }) => loaders.categories.load(categoryId),
    grids: ({ gridIds }, _, { loaders }) => loaders.grids.loadMany(gridIds),
  },
  Grid: {
    packages: ({ packageIds }, _, { loaders }) => loaders.packages.loadMany(packageIds),
  },
  Category: {
    packages: (category, { first }) => packagesOfCategory(category, first),
  },
}
