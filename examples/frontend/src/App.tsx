import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useAddress } from './address';
import { GridSearch } from './components/GridSearch';
import icon from './icon.svg';
import { GridView } from './views/GridView';
import { HomeView } from './views/HomeView';

/** The page: the address says which view it shows. */
export function App() {
  const { grid, highlighted } = useAddress();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(grid);
  useEffect(() => {
    if (shown.current === grid) return;
    shown.current = grid;
    // A row that is to be seen takes the focus itself.
    if (!highlighted) main.current?.focus();
    if (!highlighted) scrollTo(0, 0);
  }, [grid, highlighted]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link className="name" href="/">
          <img src={icon} alt="" width="28" height="28" /> Package grids
        </Link>
        {grid !== null && <GridSearch />}
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {grid === null ? <HomeView /> : <GridView key={grid} slug={grid} />}
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
