import './PackageLinks.css';
import { type FragmentType, graphql, unmask } from '../gql';
import { ExternalLink, isWebUrl } from './ExternalLink';
import { Icon } from './Icon';

const PackageLinks_package = graphql(`
  fragment PackageLinks_package on Package {
    title
    repoUrl
    documentationUrl
    pypiName
  }
`);

/** Where a package is at home, as drawings; with `named`, in words beside them. */
export function PackageLinks(props: { package: FragmentType<typeof PackageLinks_package>; named?: boolean }) {
  const { title, repoUrl, documentationUrl, pypiName } = unmask(PackageLinks_package, props.package);
  const links = [
    { icon: 'repository', name: 'Repository', url: repoUrl },
    { icon: 'documentation', name: 'Documentation', url: documentationUrl },
    { icon: 'pypi', name: 'PyPI', url: pypiName && `https://pypi.org/project/${encodeURIComponent(pypiName)}/` },
  ] as const;
  return (
    <span className={props.named ? 'package-links named' : 'package-links'}>
      {links.map(
        ({ icon, name, url }) =>
          isWebUrl(url) && (
            <ExternalLink key={name} url={url} label={`${name} of ${title}`}>
              <Icon name={icon} />
              {props.named && name}
            </ExternalLink>
          ),
      )}
    </span>
  );
}
