using TorchSharp;
using static Microsoft.ML.AudioTransformers.Core.ManagedOperators;
using static Microsoft.ML.AudioTransformers.Core.NativeOperatorChecks;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Tests of attention in each form that models call, and of what is around it in one call.</summary>
/// <param name="operators">Operators.</param>
/// <param name="compare">Device and precision.</param>
internal sealed class NativeAttentionChecks(NativeOperators operators, NativeComparison compare)
{
    private const int Heads = 2;
    private const int Tokens = 19;
    private const int Width = 8;
    private const int Dim = Heads * Width;

    /// <summary>
    /// Of whole numbers, whose scores are steep; and its gradients in float32. Those in bfloat16 are of
    /// <see cref="AttentionGradient"/>.
    /// </summary>
    public string? Attention()
    {
        const int heads = 3;
        const int tokens = 37;
        const int width = 16;
        long[] shape = [2, heads, tokens, width];
        float[][] parts = [.. Enumerable.Range(6, 4).Select(seed => Numbers(2 * heads * tokens * width, seed))];
        Tensor[] leaves = [.. parts.Take(3).Select(part => compare.Leaf(part, shape))];
        Tensor mixed = operators.Attention(leaves[0], leaves[1], leaves[2]);
        string? wrong = compare.Find(mixed, shape, place =>
        {
            int head = place / width / tokens * tokens * width;
            return ManagedOperators.Attention(
                parts[0].AsSpan(place / width * width, width), parts[1].AsSpan(head, tokens * width),
                parts[2].AsSpan(head, tokens * width))[place % width];
        });
        if (wrong is not null || !compare.IsFloat32)
        {
            return wrong;
        }

        // Those of the last head, as that is computed last.
        int last = (parts[0].Length / tokens / width) - 1;
        (double[] Query, double[] Key, double[] Value) right = AttentionGradients(
            parts[0].AsSpan(last * tokens * width), parts[1].AsSpan(last * tokens * width),
            parts[2].AsSpan(last * tokens * width), parts[3].AsSpan(last * tokens * width), width);
        mixed.backward([compare.Tensor(parts[3], shape)]);
        return Of("queries", leaves[0], right.Query) ?? Of("keys", leaves[1], right.Key) ?? Of("values", leaves[2], right.Value);

        string? Of(string what, Tensor leaf, double[] gradient) => compare.Find(
            leaf.grad?.view(2 * heads, tokens, width).narrow(0, last, 1), [1, tokens, width], place => gradient[place])
            is { } found ? $"gradient of the {what}, {found}" : null;
    }

    /// <summary>With a bias in float32, which forbids each token the one after it.</summary>
    public string? BiasedAttention()
    {
        float[][] parts = [.. Enumerable.Range(34, 3).Select(seed => Numbers(2 * Heads * Tokens * Width, seed))];
        float[] bias = Numbers(Heads * Tokens * Tokens, 37);
        for (int i = 0; i < Heads * Tokens; i++)
        {
            bias[(i * Tokens) + ((i + 1) % Tokens)] = float.NegativeInfinity;
        }

        using IDisposable guard = no_grad();
        Tensor[] tensors = [.. parts.Select(part => compare.Tensor(part, 2, Heads, Tokens, Width))];
        Tensor mixed = operators.BiasedAttention(
            tensors[0], tensors[1], tensors[2],
            TensorData.Create<float>(bias, [1, Heads, Tokens, Tokens], compare.Device));
        return compare.Find(mixed, [2, Heads, Tokens, Width], place =>
        {
            int row = place / Width;
            int head = row / Tokens * Tokens * Width;
            return ManagedOperators.Attention(
                parts[0].AsSpan(row * Width, Width), parts[1].AsSpan(head, Tokens * Width),
                parts[2].AsSpan(head, Tokens * Width), bias.AsSpan(row % (Heads * Tokens) * Tokens, Tokens))[place % Width];
        });
    }

    /// <summary>Of one clip, which goes another way than several, and of two; all tokens, and the first of them.</summary>
    public string? EncoderBlocks() => EncoderBlocks(1, Tokens) ?? EncoderBlocks(2, 1);

    /// <summary>Of quarters, which bfloat16 holds, so that scores stay flat.</summary>
    public string? AttentionGradient()
    {
        float[] projected = Quarters(Numbers(Tokens * 3 * Dim, 38));
        float[] gradient = Quarters(Numbers(Tokens * Dim, 39));
        Tensor found = operators.AttentionGradient(
            compare.Tensor(projected, 1, Tokens, 3 * Dim), compare.Tensor(gradient, 1, Tokens, Dim), Heads);
        var right = new double[Tokens * 3 * Dim];
        for (int head = 0; head < Heads; head++)
        {
            (double[] query, double[] key, double[] value) = AttentionGradients(
                Part(projected, 3, 0, head), Part(projected, 3, 1, head), Part(projected, 3, 2, head),
                Part(gradient, 1, 0, head), Width);
            for (int place = 0; place < query.Length; place++)
            {
                int start = (place / Width * 3 * Dim) + (head * Width) + (place % Width);
                (right[start], right[start + Dim], right[start + (2 * Dim)]) = (query[place], key[place], value[place]);
            }
        }

        return compare.Find(found, [1, Tokens, 3 * Dim], place => right[place]);
    }

    private static float[] Quarters(float[] numbers) => Array.ConvertAll(numbers, number => number / 4);

    /// <summary>A head's share, (tokens, width), of parts side by side, (tokens, parts * dim).</summary>
    private static float[] Part(float[] values, int parts, int part, int head) =>
        [.. Enumerable.Range(0, Tokens).SelectMany(token =>
            values.AsSpan((((token * parts) + part) * Dim) + (head * Width), Width).ToArray())];

    private string? EncoderBlocks(int batch, int first)
    {
        const int hidden = 24;
        int[] sizes =
            [Dim, Dim, Dim * 3 * Dim, 3 * Dim, Dim * Dim, Dim, Dim, Dim, Dim * hidden, hidden, hidden * Dim, Dim];
        float[][] weights = [.. sizes.Select((size, i) => Quarters(Numbers(size, 40 + i)))];
        float[] x = Numbers(batch * Tokens * Dim, 52);
        Tensor[] tensors =
        [
            .. weights.Select((values, i) => i % 2 == 0 && values.Length > Dim
                ? compare.Tensor(values, i == 10 ? hidden : Dim, values.Length / (i == 10 ? hidden : Dim))
                : compare.Tensor(values, values.Length)),
        ];
        Tensor encoded = operators.EncoderBlocks(
            compare.Tensor(x, batch, Tokens, Dim), tensors, Heads, epsilon: 1e-5, first);
        float[][] right = [.. x.Chunk(Tokens * Dim).Select(clip => Block(clip, weights))];
        return compare.Find(
            encoded, [batch, first, Dim], place => right[place / first / Dim][place % (first * Dim)]);
    }

    /// <summary>A block of <see cref="Native.EncoderOperators"/> over the tokens of a clip.</summary>
    private static float[] Block(float[] x, float[][] weights)
    {
        float[] projected = Linear(Normalize(x, weights[0], weights[1]), weights[2], weights[3]);
        var mixed = new float[x.Length];
        for (int head = 0; head < Heads; head++)
        {
            float[][] parts = [.. Enumerable.Range(0, 3).Select(part => Part(projected, 3, part, head))];
            for (int token = 0; token < Tokens; token++)
            {
                double[] row = ManagedOperators.Attention(parts[0].AsSpan(token * Width, Width), parts[1], parts[2]);
                Array.ConvertAll(row, value => (float)value).CopyTo(mixed, (token * Dim) + (head * Width));
            }
        }

        float[] attended = Sum(x, Linear(mixed, weights[4], weights[5]));
        float[] hidden = Linear(Normalize(attended, weights[6], weights[7]), weights[8], weights[9]);
        return Sum(attended, Linear(Array.ConvertAll(hidden, value => (float)Gelu(value)), weights[10], weights[11]));

        static float[] Normalize(float[] rows, float[] weight, float[] bias) =>
            [.. rows.Chunk(Dim).SelectMany(row => LayerNorm(row, weight, bias)).Select(value => (float)value)];

        static float[] Sum(float[] one, float[] other) => [.. one.Zip(other, (left, right) => left + right)];

        // Rows times a matrix (in, out).
        static float[] Linear(float[] rows, float[] matrix, float[] bias) =>
        [
            .. rows.Chunk(matrix.Length / bias.Length).SelectMany(row => bias.Select((start, column) =>
                (float)(start + row.Select((value, i) => (double)value * matrix[(i * bias.Length) + column]).Sum()))),
        ];
    }
}
