// The explorer plugin's fields and arguments are texts with a click handler, and some of its buttons show only under a
// mouse. This gives them what the keyboard and screen readers need: a place in the tab order, a role, a state, a name.

const TOGGLES = '[data-field-name], [data-arg-name] > span:first-child, .graphiql-explorer-root span[style*="pointer"]';
const NAMES = { '✕': 'Remove the operation', '⎘': 'Copy the operation', '+': 'Add the operation' };

/** Keeps what the explorer renders below `root` operable; returns what ends it. */
export function makeOperable(root) {
  const update = () => {
    root.querySelectorAll(TOGGLES).forEach(describeToggle);
    root.querySelectorAll('.graphiql-explorer-root :is(input, select)').forEach(describeInput);
    root.querySelectorAll('.graphiql-explorer-root button').forEach(button => {
      button.ariaLabel = NAMES[button.textContent.trim()] ?? button.title;
    });
    root.querySelectorAll('.graphiql-explorer-root [tabindex="0"]:not([role])').forEach(each => each.removeAttribute('tabindex'));
  };
  const observer = new MutationObserver(update);
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-on'] });
  root.addEventListener('keydown', press);
  root.addEventListener('focusin', hover);
  update();
  return () => observer.disconnect();
}

function describeToggle(element) {
  const icon = element.querySelector('svg');
  element.tabIndex = 0;
  const isOn = 'on' in (icon?.dataset ?? {});
  if (icon && 'opens' in icon.dataset) {
    element.role = 'button';
    element.ariaExpanded = isOn;
  } else {
    element.role = 'checkbox';
    element.ariaChecked = isOn;
  }
}

function describeInput(element) {
  element.ariaLabel = element.closest('[data-arg-name]')?.dataset.argName ?? element.placeholder ?? 'Kind of operation';
}

function press(event) {
  if ((event.key === 'Enter' || event.key === ' ') && event.target.matches(TOGGLES)) {
    event.preventDefault();
    event.target.click();
  }
}

/** Shows what React shows when the mouse enters. */
function hover({ target }) {
  const innermost = [...target.querySelectorAll('span')].at(-1) ?? target;
  innermost.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
}
