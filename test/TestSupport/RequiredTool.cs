using System.Diagnostics.CodeAnalysis;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>What a test needs and no NuGet package brings. Where it is missing, the test is skipped and says what it needs.</summary>
public static class RequiredTool
{
    /// <param name="found">Whether the tool is there.</param>
    /// <param name="tool">What it is, for whoever wants to install it.</param>
    /// <exception cref="AssertInconclusiveException">It is not there.</exception>
    public static void Check([DoesNotReturnIf(false)] bool found, string tool)
    {
        if (!found)
        {
            throw new AssertInconclusiveException($"needs {tool}");
        }
    }
}
