import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useAddress } from './address';
import { SearchBox } from './components/SearchBox';
import icon from './icon.svg';
import { AlternativesView } from './views/AlternativesView';
import { GridView } from './views/GridView';
import { HomeView } from './views/HomeView';
import { PackageView } from './views/PackageView';
import { SearchView } from './views/SearchView';

/** The page: the address says which view it shows. */
export function App() {
  const { view, subject, highlighted, alternatives, params } = useAddress();
  const key = `${view} ${subject}`;
  const main = useFocusOnChange(`${key} ${params.get('compare')}`, highlighted !== null);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link className="name" href="/">
          <img src={icon} alt="" width="28" height="28" /> Package grids
        </Link>
        {view !== 'home' && <SearchBox key={key} initial={view === 'search' ? subject : ''} />}
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {view === 'home' && <HomeView />}
        {view === 'grid' && <GridView key={key} slug={subject} />}
        {view === 'package' && <PackageView key={key} slug={subject} />}
        {view === 'search' && <SearchView key={key} words={subject} />}
        {alternatives !== null && <AlternativesView key={alternatives} slug={alternatives} />}
      </main>
      <footer>
        <p>
          The catalogue of <a href="https://djangopackages.org/">Django Packages</a>, through the{' '}
          <a href="../">Catalogue Gateway</a>. Explore it in <a href="../graphql">GraphiQL</a>.
        </p>
      </footer>
    </>
  );
}

/** Moves the focus to what the ref is given to whenever `view` changes, unless something in it takes the focus itself.
 * A view that was reached by a link begins at its top; where the browser goes back or forth, it knows the place. */
function useFocusOnChange(view: string, ownFocus: boolean) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(view);
  const byHistory = useRef(false);
  useEffect(() => {
    const remember = (event: Event) => (byHistory.current = event.type === 'popstate');
    const events = ['popstate', 'pushState', 'replaceState'];
    for (const event of events) addEventListener(event, remember, { capture: true });
    return () => events.forEach(event => removeEventListener(event, remember, { capture: true }));
  }, []);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    if (ownFocus) return;
    main.current?.focus({ preventScroll: true });
    if (!byHistory.current) scrollTo(0, 0);
  }, [view, ownFocus]);
  return main;
}
