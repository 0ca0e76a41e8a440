import './GridCard.css';
import { Link } from 'wouter';
import { gridAddress } from '../address';
import { counted } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

const GridCard_grid = graphql(`
  fragment GridCard_grid on Grid {
    slug
    title
    packages(orderBy: { field: WATCHERS, direction: DESC }) {
      slug
      title
    }
  }
`);

/** A grid in a list: what it is called, how much it compares, and some of it. */
export function GridCard(props: { grid: FragmentType<typeof GridCard_grid> }) {
  const { slug, title, packages } = unmask(GridCard_grid, props.grid);
  const readable = (packages ?? []).filter(each => each !== null);
  return (
    <Link className="card" href={gridAddress(slug)}>
      <strong>{title}</strong>
      <span className="count">{counted(readable.length, 'package')}</span>
      <span className="some">{readable.map(each => each.title).join(', ')}</span>
    </Link>
  );
}
