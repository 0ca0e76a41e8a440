/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Alternative_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    lastUpdated\n    grids {\n      slug\n      title\n    }\n  }\n": typeof types.Alternative_PackageFragmentDoc,
    "\n  fragment Alternatives_package on Package {\n    slug\n    title\n    grids {\n      slug\n    }\n    alternatives(first: 10) {\n      totalCount\n      edges {\n        sharedGrids\n        node {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n": typeof types.Alternatives_PackageFragmentDoc,
    "\n  fragment ComparisonTable_package on Package {\n    slug\n    title\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    ...PackageRow_package\n  }\n": typeof types.ComparisonTable_PackageFragmentDoc,
    "\n  fragment GridCard_grid on Grid {\n    slug\n    title\n    packages(orderBy: { field: WATCHERS, direction: DESC }) {\n      slug\n      title\n    }\n  }\n": typeof types.GridCard_GridFragmentDoc,
    "\n  query FindGrids($text: String!) {\n    search(query: $text, first: 12) {\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n          packages {\n            slug\n          }\n        }\n        ... on Package {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n": typeof types.FindGridsDocument,
    "\n  fragment PackageRow_package on Package {\n    slug\n    title\n    repoDescription\n    repoUrl\n    documentationUrl\n    pypiName\n    pypiVersion\n    webUrl\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...Alternatives_package\n  }\n": typeof types.PackageRow_PackageFragmentDoc,
    "\n  fragment Sparkline_package on Package {\n    commitsOver52\n    commitsLastYear\n  }\n": typeof types.Sparkline_PackageFragmentDoc,
    "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": typeof types.ListAlternativesDocument,
    "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...ComparisonTable_package\n      }\n    }\n  }\n": typeof types.CompareGridDocument,
    "\n  query BrowseGrids($after: String) {\n    grids(first: 24, after: $after, filter: { minPackages: 2 }) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        slug\n        ...GridCard_grid\n      }\n    }\n  }\n": typeof types.BrowseGridsDocument,
};
const documents: Documents = {
    "\n  fragment Alternative_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    lastUpdated\n    grids {\n      slug\n      title\n    }\n  }\n": types.Alternative_PackageFragmentDoc,
    "\n  fragment Alternatives_package on Package {\n    slug\n    title\n    grids {\n      slug\n    }\n    alternatives(first: 10) {\n      totalCount\n      edges {\n        sharedGrids\n        node {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n": types.Alternatives_PackageFragmentDoc,
    "\n  fragment ComparisonTable_package on Package {\n    slug\n    title\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    ...PackageRow_package\n  }\n": types.ComparisonTable_PackageFragmentDoc,
    "\n  fragment GridCard_grid on Grid {\n    slug\n    title\n    packages(orderBy: { field: WATCHERS, direction: DESC }) {\n      slug\n      title\n    }\n  }\n": types.GridCard_GridFragmentDoc,
    "\n  query FindGrids($text: String!) {\n    search(query: $text, first: 12) {\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n          packages {\n            slug\n          }\n        }\n        ... on Package {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n": types.FindGridsDocument,
    "\n  fragment PackageRow_package on Package {\n    slug\n    title\n    repoDescription\n    repoUrl\n    documentationUrl\n    pypiName\n    pypiVersion\n    webUrl\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...Alternatives_package\n  }\n": types.PackageRow_PackageFragmentDoc,
    "\n  fragment Sparkline_package on Package {\n    commitsOver52\n    commitsLastYear\n  }\n": types.Sparkline_PackageFragmentDoc,
    "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": types.ListAlternativesDocument,
    "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...ComparisonTable_package\n      }\n    }\n  }\n": types.CompareGridDocument,
    "\n  query BrowseGrids($after: String) {\n    grids(first: 24, after: $after, filter: { minPackages: 2 }) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        slug\n        ...GridCard_grid\n      }\n    }\n  }\n": types.BrowseGridsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Alternative_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    lastUpdated\n    grids {\n      slug\n      title\n    }\n  }\n"): (typeof documents)["\n  fragment Alternative_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    lastUpdated\n    grids {\n      slug\n      title\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Alternatives_package on Package {\n    slug\n    title\n    grids {\n      slug\n    }\n    alternatives(first: 10) {\n      totalCount\n      edges {\n        sharedGrids\n        node {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment Alternatives_package on Package {\n    slug\n    title\n    grids {\n      slug\n    }\n    alternatives(first: 10) {\n      totalCount\n      edges {\n        sharedGrids\n        node {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ComparisonTable_package on Package {\n    slug\n    title\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    ...PackageRow_package\n  }\n"): (typeof documents)["\n  fragment ComparisonTable_package on Package {\n    slug\n    title\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    ...PackageRow_package\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment GridCard_grid on Grid {\n    slug\n    title\n    packages(orderBy: { field: WATCHERS, direction: DESC }) {\n      slug\n      title\n    }\n  }\n"): (typeof documents)["\n  fragment GridCard_grid on Grid {\n    slug\n    title\n    packages(orderBy: { field: WATCHERS, direction: DESC }) {\n      slug\n      title\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindGrids($text: String!) {\n    search(query: $text, first: 12) {\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n          packages {\n            slug\n          }\n        }\n        ... on Package {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query FindGrids($text: String!) {\n    search(query: $text, first: 12) {\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n          packages {\n            slug\n          }\n        }\n        ... on Package {\n          slug\n          title\n          grids {\n            slug\n            title\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PackageRow_package on Package {\n    slug\n    title\n    repoDescription\n    repoUrl\n    documentationUrl\n    pypiName\n    pypiVersion\n    webUrl\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...Alternatives_package\n  }\n"): (typeof documents)["\n  fragment PackageRow_package on Package {\n    slug\n    title\n    repoDescription\n    repoUrl\n    documentationUrl\n    pypiName\n    pypiVersion\n    webUrl\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...Alternatives_package\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Sparkline_package on Package {\n    commitsOver52\n    commitsLastYear\n  }\n"): (typeof documents)["\n  fragment Sparkline_package on Package {\n    commitsOver52\n    commitsLastYear\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...ComparisonTable_package\n      }\n    }\n  }\n"): (typeof documents)["\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...ComparisonTable_package\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BrowseGrids($after: String) {\n    grids(first: 24, after: $after, filter: { minPackages: 2 }) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        slug\n        ...GridCard_grid\n      }\n    }\n  }\n"): (typeof documents)["\n  query BrowseGrids($after: String) {\n    grids(first: 24, after: $after, filter: { minPackages: 2 }) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        slug\n        ...GridCard_grid\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;