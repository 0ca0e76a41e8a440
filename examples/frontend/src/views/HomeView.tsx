import './HomeView.css';
import { useAddress, useChange } from '../address';
import { GridIndex } from '../components/GridIndex';
import { Misunderstood } from '../components/Misunderstood';
import { Notice, Problem } from '../components/Notice';
import { SearchBox } from '../components/SearchBox';
import { formatNumber } from '../format';
import { useEveryGrid } from './useEveryGrid';

/** All grids by title, to choose from. */
export function HomeView() {
  const { params, misunderstood } = useAddress();
  const change = useChange();
  const { grids, error, retry } = useEveryGrid();
  const words = params.get('words') ?? '';
  return (
    <>
      <title>Package grids, side by side</title>
      <section className="hero">
        <h1>Which Django package should I use?</h1>
        <p>
          A grid puts packages that serve the same purpose side by side: how many people starred them, when somebody
          last worked on them, and what else there is.
        </p>
        <SearchBox />
      </section>
      <Misunderstood sentences={misunderstood} />
      {error && <Problem error={error} retry={retry} />}
      {!error && !grids && <IndexLoading />}
      {grids?.length === 0 && <Notice title="The catalogue has no grids" />}
      {grids && grids.length > 0 && (
        <>
          <div className="index-head">
            <h2>{formatNumber(grids.length)} grids by title</h2>
            <input
              type="search"
              className="field"
              aria-label="Words in a grid’s title"
              placeholder="Filter by words"
              maxLength={200}
              value={words}
              onChange={event => change({ words: event.target.value || null }, { replace: true })}
            />
          </div>
          <GridIndex grids={grids} words={words} />
        </>
      )}
    </>
  );
}

function IndexLoading() {
  return (
    <div className="index-loading" role="status" aria-label="Loading the grids">
      {Array.from({ length: 16 }, (_, index) => (
        <div key={index} className="placeholder" />
      ))}
    </div>
  );
}
