import './workers.js';

import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { TabFocus } from 'monaco-editor/esm/vs/editor/browser/config/tabFocus.js';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

import { Accessibility } from './Accessibility.jsx';
import { readAddress, writeAddress } from './address.js';
import { Answer } from './Answer.jsx';
import { fetchExamples } from './examples.js';
import { examplesPlugin } from './ExamplesPlugin.jsx';
import { createFetcher } from './fetcher.js';
import { queryBuilderPlugin } from './QueryBuilderPlugin.jsx';
import { ShareButton } from './ShareButton.jsx';

// The page stands at /graphql or /graphql/, below whatever path the gateway is mounted under.
const home = location.pathname.replace(/[^/]+\/?$/, '');
const fetcher = createFetcher(location.pathname);
const examples = await fetchExamples(`${home}examples.json`);
const plugins = [queryBuilderPlugin, examplesPlugin(examples), HISTORY_PLUGIN];

const asked = readAddress();
const firstTabs = asked ? [asked, ...examples.filter(({ query }) => query !== asked.query)] : examples;
// GraphiQL reopens the tabs it stored; only without them, or with a query in the address, has it to be told the first.
const first = asked ?? (hasStoredTabs() ? undefined : examples[0]);

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

// A link that names its tab after the # loads nothing by itself where GraphiQL is open already.
addEventListener('hashchange', () => location.reload());

// Tab leaves an editor, as it leaves everything else.
TabFocus.setTabFocusMode(true);

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    defaultTabs={firstTabs.length ? firstTabs : undefined}
    initialQuery={first?.query}
    initialVariables={first?.variables}
    defaultEditorToolsVisibility
    inputValueDeprecation
    schemaDescription
    onTabChange={({ tabs, activeTabIndex }) => writeAddress(tabs[activeTabIndex])}
  >
    <GraphiQL.Logo>
      <h1>
        <a href={home}>Catalogue Gateway</a>
      </h1>
    </GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, merge, copy }) => (
        <>
          {prettify}
          {merge}
          {copy}
          <ShareButton />
        </>
      )}
    </GraphiQL.Toolbar>
    <GraphiQL.Footer>
      <Answer />
    </GraphiQL.Footer>
    <WrapLines />
    <Accessibility />
    <SelectOperation name={asked?.operationName} />
  </GraphiQL>,
);
