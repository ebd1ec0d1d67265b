/**
 * What each folder of src may import of the others, types included. A folder that is not listed may be imported by all; the rules
 * below add what holds for single files and for packages. test/imports proves that each rule rejects a violation.
 */
const NEIGHBOURS = {
  activities:
    'catalog clusters config contract download embeddings features files images input models obstacles plan processes report server telemetry warehouse',
  catalog: 'config contract duckdb files processes',
  cli: 'catalog config contract demo doctor embeddings files input log maintenance models preview report serve server verify warehouse workers',
  clusters: 'contract files processes',
  contract: '',
  demo: 'catalog cli contract files serve server warehouse',
  doctor: 'activities config contract files images server warehouse',
  download: 'config contract files http images plan',
  duckdb: '',
  embeddings: 'contract duckdb files images processes',
  features: 'contract files images',
  files: 'contract',
  http: 'contract files',
  images: 'contract files',
  input: 'contract',
  maintenance: 'contract files server verify warehouse',
  models: 'contract duckdb files processes',
  obstacles: 'contract files server',
  plan: 'catalog contract files processes',
  preview: 'catalog config contract files plan processes warehouse',
  processes: 'contract duckdb files',
  report: 'contract duckdb files images processes',
  serve: 'contract duckdb files images processes report',
  server: 'config contract files',
  telemetry: 'contract',
  verify: 'duckdb files warehouse',
  warehouse: 'config contract duckdb files',
  workers:
    'activities config contract download features files images maintenance processes server telemetry warehouse',
  workflows: 'activities contract',
};

const allowLists = Object.entries(NEIGHBOURS).map(([folder, neighbours]) => ({
  name: `neighbours-of-${folder}`,
  comment:
    `${folder}/ may import ${neighbours === '' ? 'no other folder' : neighbours.split(' ').join(', ')}. Take what is needed as a ` +
    'parameter, move it to where both may reach it, or add a neighbour to the table and say why.',
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/',
    pathNot: [folder, ...neighbours.split(' ').filter(Boolean)].map(
      (name) => `^src/${name}(/|\\.ts$)`,
    ),
  },
}));

/**
 * Each rule says what to do instead.
 * `reachable` follows type-only edges too, so workflows are guarded by closed layers, activities by reachability.
 * A computed import() is invisible here: ESLint's no-restricted-syntax forbids it.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    ...allowLists,
    {
      name: 'workflows-are-a-closed-layer',
      comment:
        'Workflow code is replayed: it may import values only from workflows/, contract/ and @temporalio/workflow|common. ' +
        'Move the effect into an activity and call it through activity-proxies.ts.',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: {
        pathNot: ['^src/(workflows|contract)/', '^node_modules/@temporalio/(workflow|common)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-know-activities-by-type-only',
      comment:
        'Use `import type` for activities: a value import drags the network and the disk into the workflow bundle.',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: {
        path: '^src/',
        pathNot: '^src/(workflows|contract|activities)/',
      },
    },
    {
      name: 'contract-is-a-leaf',
      comment:
        'contract/ holds what all parts share: it may import nothing of ours but contract/. Move the type here, or the code out.',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { pathNot: ['^src/contract/', '^node_modules/@temporalio/common/'] },
    },
    {
      name: 'only-roots-read-config-values',
      comment:
        'Below the roots (cli, demo, server, worker*.ts) take settings as a parameter; only the types of config.ts may be imported.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(cli|demo|server)/', '^src/[^/]+\\.ts$'] },
      to: { path: '^src/config\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-a-root',
      comment:
        'worker.ts and cli/main.ts start things when loaded. Put what is shared into a module beside them.',
      severity: 'error',
      from: {},
      to: { path: ['^src/worker\\.ts$', '^src/cli/main\\.ts$'] },
    },
    {
      name: 'downloads-never-see-the-database',
      comment:
        'Download activities do network and disk only: by no path, types included, may they reach the warehouse or DuckDB. ' +
        'Write an outcome to the ledger; commitLedgers brings it into the warehouse.',
      severity: 'error',
      from: {
        path: '^src/(download|features|http|images)/|^src/activities/(download|feature)-activities\\.ts$',
      },
      to: { path: ['^src/warehouse/', '^node_modules/@duckdb/', '^src/catalog/'], reachable: true },
    },
    {
      name: 'host-limits-know-no-outage',
      comment:
        'A limit counts what is sent to one host. Whether the host or the network is down is decided beside it: ' +
        'let hosts/hosts.ts or hosts/host.ts, which know both, pass the result on.',
      severity: 'error',
      from: { path: '^src/download/hosts/limits/' },
      to: { path: '^src/download/hosts/(outages|network)/' },
    },
    {
      name: 'host-outages-know-no-network',
      comment:
        'Outages of one host use neither its limits nor the state of the network. ' +
        'Take the verdict about the network as a parameter, as hosts/outages/first-contact.ts does.',
      severity: 'error',
      from: { path: '^src/download/hosts/outages/' },
      to: { path: '^src/download/hosts/(limits|network|shared)/' },
    },
    {
      name: 'downloads-read-plans-only',
      comment:
        'A batch reads the entries of its lane (plan/read-plan-entries.ts) and nothing else of the plan. ' +
        'What it has to know beside them belongs in its payload: contract/.',
      severity: 'error',
      from: { path: '^src/(download|http|images)/|^src/activities/download-activities\\.ts$' },
      to: { path: '^src/plan/', pathNot: '^src/plan/read-plan-entries\\.ts$' },
    },
    {
      name: 'plan-has-few-neighbours',
      comment:
        'plan/ is the format of a plan: schema, writer, reader. Of catalog/ it knows how a list of ids is read. ' +
        'Give it anything else as a parameter.',
      severity: 'error',
      from: { path: '^src/plan/' },
      to: {
        pathNot: [
          '^src/(plan|contract|files|processes)/',
          '^src/catalog/read-id-list\\.ts$',
          '^node_modules/(zod|@duckdb)/',
          '^(node:)?(fs|fs/promises|path)$',
        ],
      },
    },
    {
      name: 'plan-uses-duckdb-in-its-process-only',
      comment:
        'DuckDB runs in plan/plan-process.ts, which planDownloads forks. Pass what the others need as rows or numbers.',
      severity: 'error',
      from: {
        path: '^src/plan/',
        pathNot:
          '^src/plan/(plan-process|snapshot-database|select-images|order-entries|features/feature-plan-process|features/select-files)\\.ts$',
      },
      to: { path: ['^node_modules/@duckdb/', '^src/plan/select-images\\.ts$'] },
    },
    {
      name: 'plan-readers-read-only',
      comment:
        'The readers know the schema and nothing of how a plan is made, so that downloads can use them.',
      severity: 'error',
      from: { path: '^src/plan/(read-[^/]+|schema)\\.ts$' },
      to: {
        pathNot: [
          '^src/(contract|files)/',
          '^src/plan/plan-file-schemas\\.ts$',
          '^node_modules/zod/',
          '^(node:)?(fs|fs/promises|path)$',
        ],
      },
    },
    {
      name: 'code-of-a-child-stays-in-its-process',
      comment:
        'A folder named child runs DuckDB in a process of its own, because its input is untrusted or its memory must be limited. ' +
        'Fork the process through the module beside the folder: clusters/find-clusters.ts, models/build-models.ts, report/draw-report.ts, serve/sql/sql-cage.ts, serve/snapshot/copy-views.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/[^/]+/child/' },
      to: { path: '^src/[^/]+/child/' },
    },
    {
      name: 'nothing-imports-a-process',
      comment:
        'These wait for a job when they are loaded. Fork them: processes/run-process.ts, images/limited-pool.ts.',
      severity: 'error',
      from: {},
      to: {
        path: [
          '^src/plan/(features/feature-)?plan-process\\.ts$',
          '^src/catalog/catalog-child\\.ts$',
          '^src/catalog/inspect/inspect-child\\.ts$',
          '^src/models/child/model-process\\.ts$',
          '^src/clusters/child/cluster-process\\.ts$',
          '^src/embeddings/child/embedding-process\\.ts$',
          '^src/embeddings/pixel-process\\.ts$',
          '^src/report/child/report-process\\.ts$',
          '^src/serve/child/(sql|view)-process\\.ts$',
          '^src/(images/decoder|features/feature)-process\\.ts$',
        ],
      },
    },
    {
      name: 'plan-activities-use-duckdb-in-a-child-only',
      comment:
        'Catalogs are untrusted: the plan worker itself must not load DuckDB. Do it in the forked processes of catalog/, clusters/, embeddings/, models/ and plan/.',
      severity: 'error',
      from: {
        path: '^src/obstacles/|^src/activities/',
        pathNot: '^src/activities/warehouse-activities\\.ts$',
      },
      to: { path: ['^src/warehouse/', '^node_modules/@duckdb/'], reachable: true },
    },
    {
      name: 'only-the-warehouse-opens-the-warehouse',
      comment:
        'One module owns the file: ask an activity of the warehouse queue, or read the snapshot (warehouse/snapshot/query-snapshot.ts).',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/warehouse/',
          '^src/activities/warehouse-activities\\.ts$',
          '^src/workers/warehouse-options\\.ts$',
          '^src/(cli|demo|doctor|preview|verify|maintenance)/',
        ],
      },
      to: { path: '^src/warehouse/' },
    },
    {
      name: 'the-command-line-reads-snapshots-only',
      comment: 'Commands read the snapshot and nothing else of the warehouse.',
      severity: 'error',
      from: {
        path: '^src/(cli|demo|doctor)/',
        pathNot: '^src/cli/commands/rebuild\\.ts$',
      },
      to: {
        path: '^src/warehouse/',
        pathNot:
          '^src/warehouse/(snapshot/query-snapshot|snapshot/no-snapshot|driver/database-version)\\.ts$',
      },
    },
    {
      name: 'only-rebuild-rebuilds',
      comment: 'One command makes a warehouse, by the one function for it, under the writer lock.',
      severity: 'error',
      from: { path: '^src/cli/commands/rebuild\\.ts$' },
      to: { path: '^src/warehouse/', pathNot: '^src/warehouse/rebuild/rebuild-warehouse\\.ts$' },
    },
    {
      name: 'verify-and-maintenance-read-snapshots-only',
      comment:
        'The checker and what follows from it may run beside a run: they read the snapshot, never the live file.',
      severity: 'error',
      from: { path: '^src/(verify|maintenance)/' },
      to: {
        path: '^src/warehouse/',
        pathNot:
          '^src/warehouse/(snapshot/(snapshot-session|collection-columns)|rebuild/replay-ledgers|driver/database)\\.ts$',
      },
    },
    {
      name: 'duckdb-has-three-homes',
      comment:
        'Only the warehouse, serve/snapshot/ and the child processes of catalog/, clusters/, embeddings/, models/, plan/, report/ and serve/ talk to DuckDB (processes/locked-database.ts); duckdb/ corrects how it reads texts.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(warehouse|catalog|plan|duckdb|(clusters|embeddings|models|serve)/child|serve/snapshot)/|^src/report/ask\\.ts$|^src/processes/(attached-files|locked-database|query/parse-query)\\.ts$',
      },
      // duckdb-async is not here, as a rule: warehouse/driver/duckdb-async/duckdb-async-package.ts finds it at run time, which no rule sees.
      to: { path: '^node_modules/(@duckdb|duckdb|duckdb-async)/' },
    },
    {
      name: 'only-http-opens-sockets',
      comment:
        'Requests to hosts of a catalog go through http/, where addresses, limits and redirects are checked. ' +
        '(message-socket.ts connects processes of one machine, through a file: no host is reached by it.)',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/(http|demo|server)/', '^src/download/hosts/shared/message-socket\\.ts$'],
      },
      to: { path: ['^node_modules/undici/', '^(node:)?(http|https|net|tls|dns)$'] },
    },
    {
      name: 'only-images-names-sharp',
      comment:
        'Decoding untrusted bytes happens in the children of images/. (The demo draws its own pictures with sharp.)',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(images|demo)/' },
      to: { path: '^node_modules/sharp/' },
    },
    {
      name: 'only-the-demo-command-knows-of-the-demo',
      comment: 'The product must not behave differently for its demo.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/demo/', '^src/cli/(commands/)?demo[^/]*\\.ts$', '^src/cli/program\\.ts$'],
      },
      to: { path: '^src/demo/' },
    },
    {
      name: 'src-never-imports-tests',
      comment: 'What a test and the product share belongs in src.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment:
        'It is not there when the package is installed. Move it to dependencies, or do without.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/@types/',
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need one another are one concept, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'A module that cannot be found.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
