import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: process.env.GATEWAY_URL,
  documents: ['compare.ts'],
  generates: {
    './gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: { scalars: { DateTime: 'string', URL: 'string' }, useTypeImports: true },
    },
  },
};

export default config;
