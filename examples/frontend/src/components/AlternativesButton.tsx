import { useChange } from '../address';
import { type FragmentType, graphql, unmask } from '../gql';
import { Icon } from './Icon';

const AlternativesButton_package = graphql(`
  fragment AlternativesButton_package on Package {
    slug
    title
  }
`);

/** Opens the alternatives to a package, which are asked for only then. */
export function AlternativesButton(props: { package: FragmentType<typeof AlternativesButton_package> }) {
  const { slug, title } = unmask(AlternativesButton_package, props.package);
  const change = useChange();
  const label = `Alternatives to ${title}`;
  return (
    <button type="button" className="bare" title={label} aria-label={label} onClick={() => change({ alternatives: slug })}>
      <Icon name="alternatives" />
    </button>
  );
}
