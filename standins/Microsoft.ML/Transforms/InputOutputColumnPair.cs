using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class InputOutputColumnPair
{
    public InputOutputColumnPair(string outputColumnName, string inputColumnName = null)
    {
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        InputColumnName = inputColumnName ?? outputColumnName;
        OutputColumnName = outputColumnName;
    }

    public string InputColumnName { get; }

    public string OutputColumnName { get; }

    internal static (string Output, string Input)[] ToTuples(InputOutputColumnPair[] columns)
    {
        Contracts.CheckValue(columns, nameof(columns));
        return columns.Select(pair => (pair.OutputColumnName, pair.InputColumnName)).ToArray();
    }
}
