namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>The same operators in float64, element by element; elements are in row-major order.</summary>
internal static class ManagedOperators
{
    /// <summary>Element of a matrix product of (n, k) and (m, k), both by rows.</summary>
    public static double Product(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }

    /// <summary>
    /// Output of attention for one query (width), over keys and values (tokens, width), with a bias (tokens) where one is given.
    /// </summary>
    public static double[] Attention(
        ReadOnlySpan<float> query, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<float> bias = default)
    {
        double[] weights = AttentionWeights(query, keys, bias);
        var mixed = new double[query.Length];
        for (int i = 0; i < values.Length; i++)
        {
            mixed[i % mixed.Length] += weights[i / mixed.Length] * values[i];
        }

        return mixed;
    }

    /// <summary>
    /// Gradients of attention of one head, of its queries, keys and values, (tokens, width) each, from that of its output.
    /// </summary>
    public static (double[] Query, double[] Key, double[] Value) AttentionGradients(
        ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<float> gradient, int width)
    {
        double[][] gradients = [new double[query.Length], new double[query.Length], new double[query.Length]];
        for (int row = 0; row < query.Length; row += width)
        {
            double[] weights = AttentionWeights(query.Slice(row, width), key, default);
            var ofWeights = new double[weights.Length];
            for (int token = 0; token < weights.Length; token++)
            {
                ofWeights[token] = Product(gradient.Slice(row, width), value.Slice(token * width, width));
            }

            double[] ofScores = SoftmaxGradient(weights, ofWeights);
            for (int place = 0; place < query.Length; place++)
            {
                (int token, int column) = (place / width, place % width);
                double ofProduct = ofScores[token] / Math.Sqrt(width);
                gradients[0][row + column] += ofProduct * key[place];
                gradients[1][place] += ofProduct * query[row + column];
                gradients[2][place] += weights[token] * gradient[row + column];
            }
        }

        return (gradients[0], gradients[1], gradients[2]);
    }

    private static double[] AttentionWeights(
        ReadOnlySpan<float> query, ReadOnlySpan<float> keys, ReadOnlySpan<float> bias)
    {
        int width = query.Length;
        var scores = new double[keys.Length / width];
        for (int token = 0; token < scores.Length; token++)
        {
            scores[token] = (Product(query, keys.Slice(token * width, width)) / Math.Sqrt(width))
                + (bias.IsEmpty ? 0 : bias[token]);
        }

        return Softmax(scores);
    }

    /// <summary>Softmax of a row.</summary>
    public static double[] Softmax(double[] row)
    {
        double largest = row.Max();
        double total = row.Sum(value => Math.Exp(value - largest));
        return Array.ConvertAll(row, value => Math.Exp(value - largest) / total);
    }

    /// <summary>Gradient of a row, from its softmax and the gradient of that.</summary>
    public static double[] SoftmaxGradient(double[] softmax, double[] gradient)
    {
        double mean = softmax.Zip(gradient, (weight, value) => weight * value).Sum();
        return [.. softmax.Zip(gradient, (weight, value) => weight * (value - mean))];
    }

    /// <summary>x times the normal distribution up to x.</summary>
    public static double Gelu(double x) => x * Normal(x);

    /// <summary>Slope of <see cref="Gelu"/>.</summary>
    public static double GeluSlope(double x) => Normal(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));

    // Abramowitz and Stegun 1964, 7.1.26, of an error below 1.5e-7.
    private static double Normal(double x)
    {
        double t = 1 / (1 + (0.3275911 * Math.Abs(x) / Math.Sqrt(2)));
        double sum = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429))))))));
        double tail = sum * Math.Exp(-x * x / 2) / 2;
        return x < 0 ? tail : 1 - tail;
    }

    /// <summary>Numbers with their mean taken off, divided by their deviation, with LibTorch's epsilon of 1e-5.</summary>
    /// <returns>The numbers, and what they were multiplied by.</returns>
    public static (double[] Values, double Scale) Normalized(double[] values)
    {
        double mean = values.Average();
        double scale = 1 / Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-5);
        return (Array.ConvertAll(values, value => (value - mean) * scale), scale);
    }

    /// <summary>Gradient of numbers, from what <see cref="Normalized"/> gave and the gradient of that.</summary>
    public static double[] NormalizedGradient((double[] Values, double Scale) normalized, double[] gradient)
    {
        double mean = gradient.Average();
        double along = normalized.Values.Zip(gradient, (value, of) => value * of).Average();
        return [.. normalized.Values.Zip(gradient, (value, of) => normalized.Scale * (of - mean - (value * along)))];
    }

    /// <summary>Layer normalization of a row.</summary>
    public static double[] LayerNorm(ReadOnlySpan<float> row, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias)
    {
        double[] normalized = Normalized([.. row]).Values;
        for (int i = 0; i < row.Length; i++)
        {
            normalized[i] = (normalized[i] * weight[i]) + bias[i];
        }

        return normalized;
    }

    /// <summary>
    /// Number of a resized map (height, width) at a point in pixels, linear or cubic (of Keys with a = -0.75, as LibTorch has
    /// it); beyond its edges, a map goes on as there.
    /// </summary>
    public static double Resized(ReadOnlySpan<float> map, int width, double y, double x, bool isCubic)
    {
        int height = map.Length / width;
        (int top, int left) = ((int)Math.Floor(y), (int)Math.Floor(x));
        double sum = 0;
        for (int row = top - 1; row <= top + 2; row++)
        {
            for (int column = left - 1; column <= left + 2; column++)
            {
                sum += Weight(y - row, isCubic) * Weight(x - column, isCubic)
                    * map[(Math.Clamp(row, 0, height - 1) * width) + Math.Clamp(column, 0, width - 1)];
            }
        }

        return sum;

        static double Weight(double distance, bool isCubic)
        {
            const double a = -0.75;
            double d = Math.Abs(distance);
            return !isCubic ? Math.Max(0, 1 - d)
                : d <= 1 ? ((((a + 2) * d) - (a + 3)) * d * d) + 1
                : d < 2 ? (((((a * d) - (5 * a)) * d) + (8 * a)) * d) - (4 * a)
                : 0;
        }
    }

    /// <summary>Bilinear sample of a map (height, width) at a point in pixels; zero outside.</summary>
    public static double Sample(ReadOnlySpan<float> map, int width, double x, double y)
    {
        int height = map.Length / width;
        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        double sum = 0;
        for (int row = top; row <= top + 1; row++)
        {
            for (int column = left; column <= left + 1; column++)
            {
                if (row >= 0 && row < height && column >= 0 && column < width)
                {
                    sum += map[(row * width) + column] * (1 - Math.Abs(x - column)) * (1 - Math.Abs(y - row));
                }
            }
        }

        return sum;
    }
}
