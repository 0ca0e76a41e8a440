const PATHS = {
  alternatives: 'M2.5 5.5h10m-2.5-3 3 3-3 3M13.5 10.5h-10m2.5 3-3-3 3-3',
  close: 'm4 4 8 8m0-8-8 8',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  documentation: 'M8 4C6.5 2.8 4.5 2.5 2 2.5v10c2.5 0 4.5.3 6 1.5 1.5-1.2 3.5-1.5 6-1.5v-10c-2.5 0-4.5.3-6 1.5zm0 0v10',
  download: 'M8 2.5v7.5m-3-3 3 3 3-3M2.5 13.5h11',
  pypi: 'm8 1.8 5.5 2.9v6.6L8 14.2l-5.5-2.9V4.7zm-5.5 2.9L8 7.7l5.5-3M8 7.7v6.5',
  repository: 'm5.5 4.5-3.5 3.5 3.5 3.5m5-7 3.5 3.5-3.5 3.5M9 3 7 13',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm3.3 7.8L14 14',
};

/** A drawing beside or instead of words; what it means is said by whoever shows it. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
