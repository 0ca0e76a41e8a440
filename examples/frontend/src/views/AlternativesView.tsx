import './AlternativesView.css';
import { useEffect, useRef } from 'react';
import { useQuery } from 'urql';
import { useChange } from '../address';
import { Alternative } from '../components/Alternative';
import { Icon } from '../components/Icon';
import { Problem } from '../components/Notice';
import { formatNumber, present } from '../format';
import { graphql } from '../gql';

const ListAlternatives = graphql(`
  query ListAlternatives($slug: String!) {
    package(slug: $slug) {
      title
      grids {
        slug
      }
      alternatives(first: 50) {
        totalCount
        nodes {
          slug
          ...Alternative_package
        }
      }
    }
  }
`);

/** All that the catalogue compares a package with, in a dialog at the side. */
export function AlternativesView({ slug }: { slug: string }) {
  const [{ data, error, fetching }, execute] = useQuery({ query: ListAlternatives, variables: { slug } });
  const change = useChange();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const found = data?.package;
  const nodes = present(found?.alternatives?.nodes);
  const grids = new Set(present(found?.grids).map(grid => grid.slug));
  const total = found?.alternatives?.totalCount ?? 0;
  return (
    <dialog
      ref={dialog}
      className="alternatives-view"
      aria-labelledby="alternatives-title"
      onClose={() => change({ alternatives: null })}
      // The dialog's own box is its backdrop: what is to be seen lies in the div.
      onClick={event => event.target === event.currentTarget && dialog.current?.close()}
    >
      <div>
        <header>
          <h2 id="alternatives-title">Alternatives to {found?.title ?? slug}</h2>
          <button type="button" className="bare" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {fetching && !data && <div className="placeholder" role="status" aria-label="Loading the alternatives" />}
        {error && <Problem error={error} retry={() => execute({ requestPolicy: 'network-only' })} />}
        {data && !error && !found && <p>No package is called “{slug}”.</p>}
        {found && !error && nodes.length === 0 && <p>The catalogue compares it with nothing.</p>}
        {nodes.length > 0 && (
          <>
            <p>
              {formatNumber(total)} that the same grids compare; the closest come first
              {total > nodes.length && `, here the first ${nodes.length}`}.
            </p>
            <ul>
              {nodes.map(each => (
                <Alternative key={each.slug} package={each} to={slug} grids={grids} />
              ))}
            </ul>
          </>
        )}
      </div>
    </dialog>
  );
}
