import './workers.js';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

import { readAddress, writeAddress } from './address.js';
import examples from './examples.js';
import { examplesPlugin } from './ExamplesPlugin.jsx';

// The page stands at /graphql or /graphql/, below whatever path the gateway is mounted under.
const home = location.pathname.replace(/[^/]+\/?$/, '');
const fetcher = createGraphiQLFetcher({ url: location.pathname, enableIncrementalDelivery: false });
const plugins = [{ ...explorerPlugin({ title: 'Query builder' }), title: 'Query builder' }, examplesPlugin, HISTORY_PLUGIN];

const asked = readAddress();
const firstTabs = asked ? [asked, ...examples.filter(({ query }) => query !== asked.query)] : examples;
// GraphiQL reopens the tabs it stored; only without them, or with a query in the address, has it to be told the first.
const first = asked ?? (hasStoredTabs() ? {} : examples[0]);

function hasStoredTabs() {
  try {
    return localStorage.getItem('graphiql:tabState') !== null;
  } catch {
    return false;
  }
}

/** Selects the operation that the address names, in a document of several. */
function SelectOperation({ name }) {
  const { setOperationName } = useGraphiQLActions();
  useEffect(() => {
    if (name) setOperationName(name);
  }, [name, setOperationName]);
  return null;
}

/** Wraps long lines, as the result does; a phone shows 30 characters a line. */
function WrapLines() {
  const editors = useGraphiQL(pick('queryEditor', 'variableEditor', 'headerEditor'));
  useEffect(() => {
    for (const editor of Object.values(editors)) editor?.updateOptions({ wordWrap: 'on' });
  }, [editors]);
  return null;
}

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    defaultTabs={firstTabs}
    initialQuery={first.query}
    initialVariables={first.variables}
    defaultEditorToolsVisibility
    inputValueDeprecation
    schemaDescription
    onTabChange={({ tabs, activeTabIndex }) => writeAddress(tabs[activeTabIndex])}
  >
    <GraphiQL.Logo>
      <a className="home" href={home}>
        Catalogue Gateway
      </a>
    </GraphiQL.Logo>
    <WrapLines />
    <SelectOperation name={asked?.operationName} />
  </GraphiQL>,
);
