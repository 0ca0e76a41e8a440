import './GridIndex.css';
import { Link } from 'wouter';
import { gridAddress } from '../address';
import { present } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import type { GridIndex_GridFragment as Grid } from '../gql/graphql';
import { Notice } from './Notice';

const GridIndex_grid = graphql(`
  fragment GridIndex_grid on Grid {
    slug
    title
    packageCount
    most: packages(first: 3, orderBy: { field: WATCHERS, direction: DESC }) {
      title
    }
  }
`);

/** Grids as the index of a book: by title, under their first letters; `words` narrows them down. */
export function GridIndex(props: { grids: readonly FragmentType<typeof GridIndex_grid>[]; words: string }) {
  const wanted = props.words.toLowerCase().split(/\s+/);
  const grids = unmask(GridIndex_grid, props.grids)
    .filter(({ title }) => wanted.every(word => title.toLowerCase().includes(word)))
    .toSorted((one, other) => one.title.localeCompare(other.title, 'en'));
  if (!grids.length) return <Notice title={`No grid’s title holds “${props.words.trim()}”`} />;
  const letters = Map.groupBy(grids, ({ title }) => firstLetter(title));
  return (
    <div className="index">
      {[...letters].map(([letter, entries]) => (
        <section key={letter}>
          <h3>{letter}</h3>
          <ul>
            {entries.map(grid => (
              <Entry key={grid.slug} grid={grid} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Entry({ grid: { slug, title, packageCount, most } }: { grid: Grid }) {
  return (
    <li>
      <Link href={gridAddress(slug)}>
        <strong>{title}</strong>
        <span className="count">
          {packageCount}
          <span className="unseen"> {packageCount === 1 ? 'package' : 'packages'}</span>
        </span>
        <span className="some">{present(most).map(each => each.title).join(', ')}</span>
      </Link>
    </li>
  );
}

function firstLetter(title: string): string {
  const letter = title.trim().normalize('NFD').charAt(0).toUpperCase();
  return /\p{L}/u.test(letter) ? letter : '#';
}
