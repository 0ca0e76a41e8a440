import './Sparkline.css';
import { type FragmentType, graphql, unmask } from '../gql';
import { describeWeeks } from '../weeks';

const WEEK = 3;
const HEIGHT = 32;

const Sparkline_package = graphql(`
  fragment Sparkline_package on Package {
    commitsOver52
  }
`);

/** A bar for each week that had commits. `ceiling`, the commits of a bar of full height, makes packages comparable. */
export function Sparkline(props: { package: FragmentType<typeof Sparkline_package>; ceiling: number }) {
  const { commitsOver52: weeks } = unmask(Sparkline_package, props.package);
  const label = describeWeeks(weeks);
  const width = weeks.length * WEEK;
  const bars = weeks.map((commits, week) => {
    // By the square root, a week of 1 can still be seen beside a week of 100.
    const height = Math.sqrt(commits / props.ceiling) * HEIGHT;
    return commits ? `M${week * WEEK + 1} ${HEIGHT}v-${height.toFixed(1)}` : '';
  });
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <path className="ground" d={`M0 ${HEIGHT - 0.5}h${width}`} />
      <path className="bars" d={bars.join('')} />
    </svg>
  );
}
