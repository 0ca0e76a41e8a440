import './PickBar.css';
import { useChange } from '../address';
import { MAX_PICKED } from '../options';
import { Icon } from './Icon';

interface Props {
  /** The slugs of the picked. */
  picked: string[];
  /** What packages are called, by slug. */
  titles: Map<string, string>;
  /** Takes the package of a slug out. */
  onDrop: (slug: string) => void;
}

/** The packages that are picked, and the way to their comparison. */
export function PickBar({ picked, titles, onDrop }: Props) {
  const change = useChange();
  if (!picked.length) return null;
  return (
    <section className="pick-bar" aria-label="Picked packages">
      <ul>
        {picked.map(slug => (
          <li key={slug}>
            <span>{titles.get(slug)}</span>
            <button type="button" className="bare" aria-label={`Drop ${titles.get(slug)}`} onClick={() => onDrop(slug)}>
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <p role="status">
        {picked.length} of {MAX_PICKED} picked{picked.length === 1 && '; pick another one to compare'}
      </p>
      <button type="button" onClick={() => change({ pick: null })}>
        Clear
      </button>
      <button type="button" className="primary" disabled={picked.length < 2} onClick={() => change({ compare: 'yes' })}>
        Compare
      </button>
    </section>
  );
}
