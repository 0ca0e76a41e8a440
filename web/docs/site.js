// The theme makes a navigation landmark around each button that copies a block of code; a page has dozens of those.
// And tables that are too wide scroll: by keyboard, too.
function amend() {
  for (const nav of document.querySelectorAll('.md-code__nav:not([role])')) nav.setAttribute('role', 'none');
  for (const wrap of document.querySelectorAll('.md-typeset__scrollwrap')) {
    if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;
    else wrap.removeAttribute('tabindex');
  }
}

new MutationObserver(amend).observe(document.documentElement, { childList: true, subtree: true });
addEventListener('resize', amend);
