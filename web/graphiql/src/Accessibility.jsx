import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

const STEP = 32;
const BAR = '.graphiql-horizontal-drag-bar';
const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** What GraphiQL leaves to the mouse and to the eye: the arrow keys drag the bars between panes (the bar above the
 * variables from its button), Ctrl-Enter runs the query wherever the focus is, and tabs are a list of buttons, since a
 * tab may not hold the button that closes it. */
export function Accessibility() {
  const { run } = useGraphiQLActions();
  const { visiblePlugin, tabs, activeTabIndex } = useGraphiQL(pick('visiblePlugin', 'tabs', 'activeTabIndex'));

  useEffect(() => {
    document.querySelectorAll(BAR).forEach(describe);
    document.querySelectorAll('.graphiql-tabs, .graphiql-tab').forEach(each => each.removeAttribute('role'));
    document.querySelector('#graphiql-session').role = 'group';
    document.querySelectorAll('.graphiql-tab').forEach((tab, index) => {
      tab.ariaSelected = null;
      tab.querySelector('.graphiql-tab-button').ariaCurrent = String(index === activeTabIndex);
    });
    // Their text is their name.
    document.querySelectorAll('.graphiql-history-item-label').forEach(each => each.removeAttribute('aria-label'));
  }, [visiblePlugin, tabs, activeTabIndex]);

  useEffect(() => {
    document.addEventListener('keydown', dragBars);
    return () => document.removeEventListener('keydown', dragBars);
  }, []);

  useEffect(() => {
    const onKeyDown = event => {
      // An editor runs it by itself.
      const isWanted = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isWanted || event.target.closest('.monaco-editor, [role="dialog"]')) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [run]);

  return null;
}

function describe(bar) {
  const [before, after] = [bar.previousElementSibling, bar.nextElementSibling].map(pane => pane.clientWidth);
  const share = String(Math.round((100 * before) / (before + after)));
  Object.assign(bar, { tabIndex: 0, role: 'separator', ariaOrientation: 'vertical', ariaLabel: 'Width', ariaValueNow: share });
}

function dragBars(event) {
  const step = KEYS[event.key];
  const bar = event.target.closest(`${BAR}, .graphiql-toggle-editor-tools`)?.closest(`${BAR}, .graphiql-editor-tools`);
  if (!step || !bar) return;
  event.preventDefault();
  const { left, top } = bar.getBoundingClientRect();
  const drag = (target, type, [right, down], buttons) =>
    target.dispatchEvent(new MouseEvent(type, { clientX: left + right, clientY: top + down, buttons, bubbles: true }));
  drag(bar, 'mousedown', [0, 0], 1);
  drag(document, 'mousemove', step, 1);
  drag(document, 'mouseup', step, 0);
  if (bar.matches(BAR)) describe(bar);
}
