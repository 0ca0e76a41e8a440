// The data side that the Node peers share: a keep-alive client, an entity cache in memory, dataloaders for each request.
import DataLoader from 'dataloader'
import { LRUCache } from 'lru-cache'
import { Pool } from 'undici'

const base = new URL(process.env.UPSTREAM)
const pool = new Pool(base.origin, { connections: 128 })
const ttl = 10 * 60 * 1000
const PAGE = 100

const idOf = (link) => link && link.slice(link.lastIndexOf('/', link.length - 2) + 1, -1)

// A record has its final names, so that the default resolver answers every leaf.
const toPackage = (row) => ({
  id: String(row.id),
  title: row.title,
  slug: row.slug,
  repoUrl: row.repo_url || null,
  repoWatchers: row.repo_watchers,
  repoForks: row.repo_forks,
  repoDescription: row.repo_description,
  pypiVersion: row.pypi_version,
  pypiUrl: row.pypi_url || null,
  documentationUrl: row.documentation_url || null,
  lastUpdated: row.last_updated,
  lastFetched: row.last_fetched,
  created: row.created,
  modified: row.modified,
  commitsOver52: row.commits_over_52,
  participants: row.participants.map((login) => ({ login, isBot: login.endsWith('[bot]') })),
  categoryId: idOf(row.category),
  gridIds: row.grids.map(idOf),
})

const toGrid = (row) => ({ id: String(row.id), title: row.title, slug: row.slug, packageIds: row.packages.map(idOf) })

const toCategory = (row) => ({ id: String(row.id), title: row.title, slug: row.slug })

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path: base.pathname + path })
  if (statusCode === 404) {
    await body.dump()
    return null
  }
  if (statusCode !== 200) throw new Error(`the upstream answered ${statusCode} for ${path}`)
  return body.json()
}

// Records by id or slug, kept ten minutes; what is being fetched is not fetched again.
class Entities {
  constructor(kind, toRecord) {
    this.kind = kind
    this.toRecord = toRecord
    this.kept = new LRUCache({ max: 100_000, ttl })
    this.fetching = new Map()
  }

  get(key) {
    return this.kept.get(key) ?? this.fetching.get(key) ?? this.fetch(key)
  }

  fetch(key) {
    const fetched = get(`${this.kind}/${key}/`)
      .then((row) => row && this.keep(this.toRecord(row)))
      .finally(() => this.fetching.delete(key))
    this.fetching.set(key, fetched)
    return fetched
  }

  keep(record) {
    this.kept.set(record.id, record)
    this.kept.set(record.slug, record)
    return record
  }
}

const packages = new Entities('packages', toPackage)
const grids = new Entities('grids', toGrid)
const categories = new Entities('categories', toCategory)

// The upstream cannot filter, so the whole list is walked page by page, once in ten minutes, and sorted by category.
const lists = new LRUCache({ max: 2, ttl, fetchMethod: (name) => walk[name]() })
const walk = {
  async categories() {
    return (await get('categories/?limit=100')).results.map((row) => categories.keep(toCategory(row)))
  },
  async packages() {
    const byCategory = new Map()
    for (let offset = 0, count = 1; offset < count; offset += PAGE) {
      const page = await get(`packages/?limit=${PAGE}&offset=${offset}`)
      count = page.count
      for (const record of page.results.map(toPackage)) {
        packages.keep(record)
        const same = byCategory.get(record.categoryId)
        same ? same.push(record) : byCategory.set(record.categoryId, [record])
      }
    }
    return byCategory
  },
}

export const categoryBySlug = async (slug) =>
  (await lists.fetch('categories')).find((category) => category.slug === slug) ?? null

export async function packagesOfCategory(category, first) {
  const all = (await lists.fetch('packages')).get(category.id) ?? []
  return {
    totalCount: all.length,
    pageInfo: { hasNextPage: all.length > first },
    nodes: all.slice(0, first),
  }
}

const loader = (entities) => new DataLoader((keys) => Promise.all(keys.map((key) => entities.get(key))))

export const newLoaders = () => ({
  packages: loader(packages),
  grids: loader(grids),
  categories: loader(categories),
})
