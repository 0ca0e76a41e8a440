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
    "\n  fragment AlternativesButton_package on Package {\n    slug\n    title\n  }\n": typeof types.AlternativesButton_PackageFragmentDoc,
    "\n  fragment CommitChart_package on Package {\n    commitsOver52\n    lastFetched\n  }\n": typeof types.CommitChart_PackageFragmentDoc,
    "\n  fragment Comparison_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...CommitChart_package\n    ...PackageLinks_package\n  }\n": typeof types.Comparison_PackageFragmentDoc,
    "\n  fragment DownloadCsv_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    category {\n      title\n    }\n    repoUrl\n    documentationUrl\n    pypiUrl\n    webUrl\n    created\n  }\n": typeof types.DownloadCsv_PackageFragmentDoc,
    "\n  fragment GridFilters_package on Package {\n    slug\n    title\n    repoDescription\n    commitsLastYear\n    pypiVersion\n    documentationUrl\n    category {\n      slug\n      titlePlural\n    }\n  }\n": typeof types.GridFilters_PackageFragmentDoc,
    "\n  fragment GridIndex_grid on Grid {\n    slug\n    title\n    packageCount\n    most: packages(first: 3, orderBy: { field: WATCHERS, direction: DESC }) {\n      title\n    }\n  }\n": typeof types.GridIndex_GridFragmentDoc,
    "\n  fragment GridPackages_package on Package {\n    slug\n    title\n    ...GridFilters_package\n    ...Columns_package\n    ...Comparison_package\n    ...DownloadCsv_package\n  }\n": typeof types.GridPackages_PackageFragmentDoc,
    "\n  fragment PackageFacts_package on Package {\n    id\n    slug\n    repoUrl\n    documentationUrl\n    pypiUrl\n    pypiName\n    pypiVersion\n    lastUpdated\n    lastFetched\n    created\n    modified\n    category {\n      titlePlural\n      description\n    }\n  }\n": typeof types.PackageFacts_PackageFragmentDoc,
    "\n  fragment PackageFigures_package on Package {\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n  }\n": typeof types.PackageFigures_PackageFragmentDoc,
    "\n  fragment PackageGrids_package on Package {\n    slug\n    grids {\n      slug\n      title\n      description\n    }\n  }\n": typeof types.PackageGrids_PackageFragmentDoc,
    "\n  fragment PackageLinks_package on Package {\n    title\n    repoUrl\n    documentationUrl\n    pypiName\n  }\n": typeof types.PackageLinks_PackageFragmentDoc,
    "\n  fragment Participants_package on Package {\n    participants {\n      login\n    }\n  }\n": typeof types.Participants_PackageFragmentDoc,
    "\n  query Suggest($words: String!) {\n    search(query: $words, first: 8) {\n      totalCount\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n        }\n        ... on Package {\n          slug\n          title\n          category {\n            title\n          }\n        }\n      }\n    }\n  }\n": typeof types.SuggestDocument,
    "\n  fragment SearchHit_result on SearchResult {\n    __typename\n    ... on Grid {\n      slug\n      title\n      description\n      packageCount\n    }\n    ... on Package {\n      slug\n      title\n      repoDescription\n      repoWatchers\n      lastUpdated\n      pypiVersion\n      category {\n        title\n      }\n      grids {\n        slug\n        title\n      }\n    }\n  }\n": typeof types.SearchHit_ResultFragmentDoc,
    "\n  fragment Sparkline_package on Package {\n    commitsOver52\n  }\n": typeof types.Sparkline_PackageFragmentDoc,
    "\n  fragment Columns_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...PackageLinks_package\n    ...AlternativesButton_package\n  }\n": typeof types.Columns_PackageFragmentDoc,
    "\n  subscription CatalogueChanged {\n    catalogueChanged(types: [PACKAGE, GRID]) {\n      version\n    }\n  }\n": typeof types.CatalogueChangedDocument,
    "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": typeof types.ListAlternativesDocument,
    "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...GridPackages_package\n      }\n    }\n  }\n": typeof types.CompareGridDocument,
    "\n  query ShowPackage($slug: String!) {\n    package(slug: $slug) {\n      slug\n      title\n      repoDescription\n      webUrl\n      ...PackageLinks_package\n      ...PackageFigures_package\n      ...CommitChart_package\n      ...PackageFacts_package\n      ...PackageGrids_package\n      ...Participants_package\n      grids {\n        slug\n      }\n      alternatives(first: 6) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": typeof types.ShowPackageDocument,
    "\n  query SearchCatalogue($words: String!, $after: String) {\n    search(query: $words, first: 20, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        __typename\n        ...SearchHit_result\n      }\n    }\n  }\n": typeof types.SearchCatalogueDocument,
    "\n  query BrowseGrids($after: String) {\n    grids(first: 100, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        ...GridIndex_grid\n      }\n    }\n  }\n": typeof types.BrowseGridsDocument,
};
const documents: Documents = {
    "\n  fragment Alternative_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    lastUpdated\n    grids {\n      slug\n      title\n    }\n  }\n": types.Alternative_PackageFragmentDoc,
    "\n  fragment AlternativesButton_package on Package {\n    slug\n    title\n  }\n": types.AlternativesButton_PackageFragmentDoc,
    "\n  fragment CommitChart_package on Package {\n    commitsOver52\n    lastFetched\n  }\n": types.CommitChart_PackageFragmentDoc,
    "\n  fragment Comparison_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...CommitChart_package\n    ...PackageLinks_package\n  }\n": types.Comparison_PackageFragmentDoc,
    "\n  fragment DownloadCsv_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    category {\n      title\n    }\n    repoUrl\n    documentationUrl\n    pypiUrl\n    webUrl\n    created\n  }\n": types.DownloadCsv_PackageFragmentDoc,
    "\n  fragment GridFilters_package on Package {\n    slug\n    title\n    repoDescription\n    commitsLastYear\n    pypiVersion\n    documentationUrl\n    category {\n      slug\n      titlePlural\n    }\n  }\n": types.GridFilters_PackageFragmentDoc,
    "\n  fragment GridIndex_grid on Grid {\n    slug\n    title\n    packageCount\n    most: packages(first: 3, orderBy: { field: WATCHERS, direction: DESC }) {\n      title\n    }\n  }\n": types.GridIndex_GridFragmentDoc,
    "\n  fragment GridPackages_package on Package {\n    slug\n    title\n    ...GridFilters_package\n    ...Columns_package\n    ...Comparison_package\n    ...DownloadCsv_package\n  }\n": types.GridPackages_PackageFragmentDoc,
    "\n  fragment PackageFacts_package on Package {\n    id\n    slug\n    repoUrl\n    documentationUrl\n    pypiUrl\n    pypiName\n    pypiVersion\n    lastUpdated\n    lastFetched\n    created\n    modified\n    category {\n      titlePlural\n      description\n    }\n  }\n": types.PackageFacts_PackageFragmentDoc,
    "\n  fragment PackageFigures_package on Package {\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n  }\n": types.PackageFigures_PackageFragmentDoc,
    "\n  fragment PackageGrids_package on Package {\n    slug\n    grids {\n      slug\n      title\n      description\n    }\n  }\n": types.PackageGrids_PackageFragmentDoc,
    "\n  fragment PackageLinks_package on Package {\n    title\n    repoUrl\n    documentationUrl\n    pypiName\n  }\n": types.PackageLinks_PackageFragmentDoc,
    "\n  fragment Participants_package on Package {\n    participants {\n      login\n    }\n  }\n": types.Participants_PackageFragmentDoc,
    "\n  query Suggest($words: String!) {\n    search(query: $words, first: 8) {\n      totalCount\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n        }\n        ... on Package {\n          slug\n          title\n          category {\n            title\n          }\n        }\n      }\n    }\n  }\n": types.SuggestDocument,
    "\n  fragment SearchHit_result on SearchResult {\n    __typename\n    ... on Grid {\n      slug\n      title\n      description\n      packageCount\n    }\n    ... on Package {\n      slug\n      title\n      repoDescription\n      repoWatchers\n      lastUpdated\n      pypiVersion\n      category {\n        title\n      }\n      grids {\n        slug\n        title\n      }\n    }\n  }\n": types.SearchHit_ResultFragmentDoc,
    "\n  fragment Sparkline_package on Package {\n    commitsOver52\n  }\n": types.Sparkline_PackageFragmentDoc,
    "\n  fragment Columns_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...PackageLinks_package\n    ...AlternativesButton_package\n  }\n": types.Columns_PackageFragmentDoc,
    "\n  subscription CatalogueChanged {\n    catalogueChanged(types: [PACKAGE, GRID]) {\n      version\n    }\n  }\n": types.CatalogueChangedDocument,
    "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": types.ListAlternativesDocument,
    "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...GridPackages_package\n      }\n    }\n  }\n": types.CompareGridDocument,
    "\n  query ShowPackage($slug: String!) {\n    package(slug: $slug) {\n      slug\n      title\n      repoDescription\n      webUrl\n      ...PackageLinks_package\n      ...PackageFigures_package\n      ...CommitChart_package\n      ...PackageFacts_package\n      ...PackageGrids_package\n      ...Participants_package\n      grids {\n        slug\n      }\n      alternatives(first: 6) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n": types.ShowPackageDocument,
    "\n  query SearchCatalogue($words: String!, $after: String) {\n    search(query: $words, first: 20, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        __typename\n        ...SearchHit_result\n      }\n    }\n  }\n": types.SearchCatalogueDocument,
    "\n  query BrowseGrids($after: String) {\n    grids(first: 100, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        ...GridIndex_grid\n      }\n    }\n  }\n": types.BrowseGridsDocument,
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
export function graphql(source: "\n  fragment AlternativesButton_package on Package {\n    slug\n    title\n  }\n"): (typeof documents)["\n  fragment AlternativesButton_package on Package {\n    slug\n    title\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CommitChart_package on Package {\n    commitsOver52\n    lastFetched\n  }\n"): (typeof documents)["\n  fragment CommitChart_package on Package {\n    commitsOver52\n    lastFetched\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Comparison_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...CommitChart_package\n    ...PackageLinks_package\n  }\n"): (typeof documents)["\n  fragment Comparison_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...CommitChart_package\n    ...PackageLinks_package\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DownloadCsv_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    category {\n      title\n    }\n    repoUrl\n    documentationUrl\n    pypiUrl\n    webUrl\n    created\n  }\n"): (typeof documents)["\n  fragment DownloadCsv_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n    category {\n      title\n    }\n    repoUrl\n    documentationUrl\n    pypiUrl\n    webUrl\n    created\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment GridFilters_package on Package {\n    slug\n    title\n    repoDescription\n    commitsLastYear\n    pypiVersion\n    documentationUrl\n    category {\n      slug\n      titlePlural\n    }\n  }\n"): (typeof documents)["\n  fragment GridFilters_package on Package {\n    slug\n    title\n    repoDescription\n    commitsLastYear\n    pypiVersion\n    documentationUrl\n    category {\n      slug\n      titlePlural\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment GridIndex_grid on Grid {\n    slug\n    title\n    packageCount\n    most: packages(first: 3, orderBy: { field: WATCHERS, direction: DESC }) {\n      title\n    }\n  }\n"): (typeof documents)["\n  fragment GridIndex_grid on Grid {\n    slug\n    title\n    packageCount\n    most: packages(first: 3, orderBy: { field: WATCHERS, direction: DESC }) {\n      title\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment GridPackages_package on Package {\n    slug\n    title\n    ...GridFilters_package\n    ...Columns_package\n    ...Comparison_package\n    ...DownloadCsv_package\n  }\n"): (typeof documents)["\n  fragment GridPackages_package on Package {\n    slug\n    title\n    ...GridFilters_package\n    ...Columns_package\n    ...Comparison_package\n    ...DownloadCsv_package\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PackageFacts_package on Package {\n    id\n    slug\n    repoUrl\n    documentationUrl\n    pypiUrl\n    pypiName\n    pypiVersion\n    lastUpdated\n    lastFetched\n    created\n    modified\n    category {\n      titlePlural\n      description\n    }\n  }\n"): (typeof documents)["\n  fragment PackageFacts_package on Package {\n    id\n    slug\n    repoUrl\n    documentationUrl\n    pypiUrl\n    pypiName\n    pypiVersion\n    lastUpdated\n    lastFetched\n    created\n    modified\n    category {\n      titlePlural\n      description\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PackageFigures_package on Package {\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n  }\n"): (typeof documents)["\n  fragment PackageFigures_package on Package {\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    pypiVersion\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PackageGrids_package on Package {\n    slug\n    grids {\n      slug\n      title\n      description\n    }\n  }\n"): (typeof documents)["\n  fragment PackageGrids_package on Package {\n    slug\n    grids {\n      slug\n      title\n      description\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PackageLinks_package on Package {\n    title\n    repoUrl\n    documentationUrl\n    pypiName\n  }\n"): (typeof documents)["\n  fragment PackageLinks_package on Package {\n    title\n    repoUrl\n    documentationUrl\n    pypiName\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Participants_package on Package {\n    participants {\n      login\n    }\n  }\n"): (typeof documents)["\n  fragment Participants_package on Package {\n    participants {\n      login\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Suggest($words: String!) {\n    search(query: $words, first: 8) {\n      totalCount\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n        }\n        ... on Package {\n          slug\n          title\n          category {\n            title\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Suggest($words: String!) {\n    search(query: $words, first: 8) {\n      totalCount\n      nodes {\n        __typename\n        ... on Grid {\n          slug\n          title\n        }\n        ... on Package {\n          slug\n          title\n          category {\n            title\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SearchHit_result on SearchResult {\n    __typename\n    ... on Grid {\n      slug\n      title\n      description\n      packageCount\n    }\n    ... on Package {\n      slug\n      title\n      repoDescription\n      repoWatchers\n      lastUpdated\n      pypiVersion\n      category {\n        title\n      }\n      grids {\n        slug\n        title\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment SearchHit_result on SearchResult {\n    __typename\n    ... on Grid {\n      slug\n      title\n      description\n      packageCount\n    }\n    ... on Package {\n      slug\n      title\n      repoDescription\n      repoWatchers\n      lastUpdated\n      pypiVersion\n      category {\n        title\n      }\n      grids {\n        slug\n        title\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Sparkline_package on Package {\n    commitsOver52\n  }\n"): (typeof documents)["\n  fragment Sparkline_package on Package {\n    commitsOver52\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Columns_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...PackageLinks_package\n    ...AlternativesButton_package\n  }\n"): (typeof documents)["\n  fragment Columns_package on Package {\n    slug\n    title\n    repoDescription\n    repoWatchers\n    repoForks\n    lastUpdated\n    commitsLastYear\n    commitsOver52\n    pypiVersion\n    created\n    category {\n      title\n    }\n    ...Sparkline_package\n    ...PackageLinks_package\n    ...AlternativesButton_package\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription CatalogueChanged {\n    catalogueChanged(types: [PACKAGE, GRID]) {\n      version\n    }\n  }\n"): (typeof documents)["\n  subscription CatalogueChanged {\n    catalogueChanged(types: [PACKAGE, GRID]) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query ListAlternatives($slug: String!) {\n    package(slug: $slug) {\n      title\n      grids {\n        slug\n      }\n      alternatives(first: 50) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...GridPackages_package\n      }\n    }\n  }\n"): (typeof documents)["\n  query CompareGrid($slug: String!) {\n    grid(slug: $slug) {\n      title\n      description\n      webUrl\n      packages {\n        ...GridPackages_package\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShowPackage($slug: String!) {\n    package(slug: $slug) {\n      slug\n      title\n      repoDescription\n      webUrl\n      ...PackageLinks_package\n      ...PackageFigures_package\n      ...CommitChart_package\n      ...PackageFacts_package\n      ...PackageGrids_package\n      ...Participants_package\n      grids {\n        slug\n      }\n      alternatives(first: 6) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query ShowPackage($slug: String!) {\n    package(slug: $slug) {\n      slug\n      title\n      repoDescription\n      webUrl\n      ...PackageLinks_package\n      ...PackageFigures_package\n      ...CommitChart_package\n      ...PackageFacts_package\n      ...PackageGrids_package\n      ...Participants_package\n      grids {\n        slug\n      }\n      alternatives(first: 6) {\n        totalCount\n        nodes {\n          slug\n          ...Alternative_package\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchCatalogue($words: String!, $after: String) {\n    search(query: $words, first: 20, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        __typename\n        ...SearchHit_result\n      }\n    }\n  }\n"): (typeof documents)["\n  query SearchCatalogue($words: String!, $after: String) {\n    search(query: $words, first: 20, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        __typename\n        ...SearchHit_result\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BrowseGrids($after: String) {\n    grids(first: 100, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        ...GridIndex_grid\n      }\n    }\n  }\n"): (typeof documents)["\n  query BrowseGrids($after: String) {\n    grids(first: 100, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        ...GridIndex_grid\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;