using System.Reflection;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport.Tests;

[TestClass]
public class GoldenCategoriesTests
{
    private const string NoneUnknown = "every golden category has a test";

    private static IEnumerable<object[]> UnknownCategories =>
        Goldens.Categories.Except(GoldenCategories.Known(), StringComparer.Ordinal)
            .DefaultIfEmpty(NoneUnknown)
            .Select(category => new object[] { category });

    public static string Name(MethodInfo method, object[] data) =>
        (string)data[0] == NoneUnknown ? NoneUnknown : $"{data[0]}/*";

    [TestMethod, TestCategory("Golden"), DynamicData(nameof(UnknownCategories), DynamicDataDisplayName = nameof(Name))]
    public void ACategoryFolderIsKnownToATest(string category)
    {
        string known = string.Join(", ", GoldenCategories.Known().Order(StringComparer.Ordinal));
        string message = $"No test reads the golden category '{category}'; those known are: {known}.";
        string[] unbuilt = [.. GoldenCategories.TestAssemblies().Where(path => !File.Exists(path))];
        if (category != NoneUnknown && unbuilt.Length > 0)
        {
            Assert.Inconclusive($"{message} Not built yet: {string.Join(", ", unbuilt.Select(Path.GetFileName))}.");
        }

        Assert.AreEqual(NoneUnknown, category, message);
    }
}
