"""The measured queries, the same text for every server."""

NEIGHBOURS = """
query Neighbours($slug: String!) {
  package(slug: $slug) {
    id title slug repoUrl repoWatchers repoForks pypiVersion lastUpdated commitsOver52
    category { id title slug }
    participants { login isBot }
    grids { id title slug packages { id title slug repoWatchers pypiVersion category { title } grids { slug } } }
  }
}
"""
"""One package and its neighbours, four layers deep: package, grids, members, the members' grids."""

TABLE = """
query Table($slug: String!) {
  package(slug: $slug) {
    title
    grids {
      title
      packages {
        id title slug repoUrl repoWatchers repoForks pypiVersion lastUpdated category { id title slug }
      }
    }
  }
}
"""
"""A table of a package's neighbours, twelve fields each: 37 KB for 120 of them."""

ONE = "query One($slug: String!) { package(slug: $slug) { title repoWatchers pypiVersion } }"
"""One package, three fields."""

BY_CATEGORY = """
query ByCategory($slug: String!) {
  category(slug: $slug) {
    title
    packages(first: 100) { totalCount pageInfo { hasNextPage } nodes { id title slug repoWatchers } }
  }
}
"""
"""A connection of 100 packages by category."""
