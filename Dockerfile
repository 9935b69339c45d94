# The example application as an image: docs/container.md. Every stage starts from the same base.
FROM node:24-bookworm-slim AS base
WORKDIR /app

# Compiles src and proof to dist. Scripts of packages are not run: the one that matters fetches a Node, and the base has one.
FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY proof proof
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json

# What runs in the end. The example sends mail with nodemailer, which has no dependencies of its own.
FROM base AS modules
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY --from=build /app/node_modules/nodemailer node_modules/nodemailer

FROM base AS app
# An init: it passes SIGTERM on, and reaps what a killed task leaves behind.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini=0.19.* \
  && rm -rf /var/lib/apt/lists/*
# A new volume takes over the owner of the folder that it is mounted on.
RUN mkdir data && chown node:node data
COPY package.json ./
COPY bin bin
COPY migrations migrations
COPY examples/app examples/app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
# Beyond loopback the command listens only where STAGE3_TOKEN is set.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "bin/stage3queue.js", "start", "--config", "examples/app/stage3queue.config.ts"]
