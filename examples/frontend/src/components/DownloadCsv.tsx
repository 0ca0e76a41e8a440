import { type FragmentType, graphql, unmask } from '../gql';
import type { DownloadCsv_PackageFragment as Package } from '../gql/graphql';
import { writeCsv } from '../csv';
import { Icon } from './Icon';

const DownloadCsv_package = graphql(`
  fragment DownloadCsv_package on Package {
    slug
    title
    repoDescription
    repoWatchers
    repoForks
    lastUpdated
    commitsLastYear
    pypiVersion
    category {
      title
    }
    repoUrl
    documentationUrl
    pypiUrl
    webUrl
    created
  }
`);

/** Each column of the file; its heading is the schema's name. */
const FIELDS: Record<string, (shown: Package) => string | number | null | undefined> = {
  slug: ({ slug }) => slug,
  title: ({ title }) => title,
  repoDescription: ({ repoDescription }) => repoDescription,
  repoWatchers: ({ repoWatchers }) => repoWatchers,
  repoForks: ({ repoForks }) => repoForks,
  lastUpdated: ({ lastUpdated }) => lastUpdated,
  commitsLastYear: ({ commitsLastYear }) => commitsLastYear,
  pypiVersion: ({ pypiVersion }) => pypiVersion,
  category: ({ category }) => category?.title,
  repoUrl: ({ repoUrl }) => repoUrl,
  documentationUrl: ({ documentationUrl }) => documentationUrl,
  pypiUrl: ({ pypiUrl }) => pypiUrl,
  webUrl: ({ webUrl }) => webUrl,
  created: ({ created }) => created,
};

interface Props {
  packages: readonly FragmentType<typeof DownloadCsv_package>[];
  /** What the file is called, before `.csv`. */
  name: string;
}

/** Hands out packages, in their order, with all their facts, whichever columns are on the screen. */
export function DownloadCsv({ packages, name }: Props) {
  const download = () => {
    const rows = unmask(DownloadCsv_package, packages).map(each => Object.values(FIELDS).map(read => read(each)));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(writeCsv([Object.keys(FIELDS), ...rows]));
    link.download = `${name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <button type="button" aria-label="Download CSV" onClick={download}>
      <Icon name="download" /> <span className="label">Download CSV</span>
    </button>
  );
}
