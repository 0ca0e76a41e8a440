// The theme makes a navigation landmark around each button that copies a block of code; a page has dozens of those.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll('.md-code__nav:not([role])')) nav.setAttribute('role', 'none');
}).observe(document.documentElement, { childList: true, subtree: true });
