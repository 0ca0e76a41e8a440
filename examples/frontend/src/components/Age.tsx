import './Age.css';
import { activity, formatAge, formatDate } from '../format';

/** How long ago a repository's last commit was, behind a dot that tells how alive it looks. */
export function Age({ time }: { time: string | null | undefined }) {
  if (!time) return <span className="unknown">Unknown</span>;
  return (
    <span className={`age ${activity(time)}`}>
      <Ago time={time} />
    </span>
  );
}

/** How long ago something was. */
export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={formatDate(time)}>
      {formatAge(time)}
    </time>
  );
}
