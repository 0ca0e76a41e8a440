import './CommitChart.css';
import { type FragmentType, graphql, unmask } from '../gql';
import { describeWeeks, roundUp } from '../weeks';
import { counted, formatDate, formatNumber } from '../format';

const WEEK_MILLISECONDS = 7 * 86_400_000;
const WEEK = 10;
const GAP = 2;
const HEIGHT = 100;

export const CommitChart_package = graphql(`
  fragment CommitChart_package on Package {
    commitsOver52
    lastFetched
  }
`);

/** The commits of each week, as bars over a scale. Charts of the same `most`, a week's commits, are comparable. */
export function CommitChart(props: { package: FragmentType<typeof CommitChart_package>; most?: number }) {
  const { commitsOver52: weeks, lastFetched } = unmask(CommitChart_package, props.package);
  if (!weeks.length) return <p className="unknown">The catalogue has no counts of its commits.</p>;
  if (!weeks.some(Boolean)) return <p className="unknown">No commits in {weeks.length} weeks.</p>;

  const ceiling = roundUp(props.most ?? Math.max(...weeks));
  const last = lastFetched ? Date.parse(lastFetched) : null;
  const describe = (commits: number, week: number) =>
    last === null
      ? counted(commits, 'commit')
      : `${counted(commits, 'commit')} in the week to ${formatDate(last - (weeks.length - 1 - week) * WEEK_MILLISECONDS)}`;
  return (
    <figure className="commit-chart">
      <div className="scale" aria-hidden="true">
        <span>{formatNumber(ceiling)}</span>
        <span>0</span>
      </div>
      <svg
        viewBox={`0 0 ${weeks.length * WEEK} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describeWeeks(weeks)}
      >
        {weeks.map((commits, week) => {
          const height = (commits / ceiling) * HEIGHT;
          return (
            <g key={week}>
              <title>{describe(commits, week)}</title>
              <rect className="slot" x={week * WEEK} y={0} width={WEEK} height={HEIGHT} />
              <rect className="bar" x={week * WEEK} y={HEIGHT - height} width={WEEK - GAP} height={height} />
            </g>
          );
        })}
      </svg>
      <div className="weeks" aria-hidden="true">
        <span>{last ? formatDate(last - weeks.length * WEEK_MILLISECONDS) : `${weeks.length} weeks ago`}</span>
        <span>{last ? formatDate(last) : 'Last week'}</span>
      </div>
    </figure>
  );
}

/** The commits of the busiest week of several packages. */
export const busiestWeek = (packages: readonly FragmentType<typeof CommitChart_package>[]): number =>
  Math.max(1, ...packages.flatMap(each => unmask(CommitChart_package, each).commitsOver52));
