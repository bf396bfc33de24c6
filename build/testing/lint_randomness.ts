/** Rule for `deno lint`: random numbers come only from engine/training/rng.ts, so that a run repeats from its seed. */

const plugin: Deno.lint.Plugin = {
  name: "press-start",
  rules: {
    "no-math-random": {
      create(context) {
        return {
          'MemberExpression[object.name="Math"][property.name="random"]'(node) {
            context.report({
              node,
              message: "Math.random cannot be repeated from a seed.",
              hint: "Draw from one of the streams of engine/training/rng.ts.",
            });
          },
        };
      },
    },
  },
};

export default plugin;
