using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>
/// The cases of one golden category as test data, one result each, named <c>&lt;category&gt;/&lt;case&gt;</c>. The test
/// takes the case's id: <c>[TestMethod, TestCategory("Golden"), GoldenCases("resample")] public void Golden(string id)</c>.
/// It also marks the category as known: a category folder whose name stands in no such attribute of any test assembly is
/// reported (see <see cref="GoldenCategories"/>).
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class GoldenCasesAttribute(string category) : Attribute, ITestDataSource
{
    public string Category => category;

    public IEnumerable<object[]> GetData(MethodInfo methodInfo) => Goldens.Cases(category);

    public string GetDisplayName(MethodInfo methodInfo, object?[]? data) => Goldens.DisplayName(methodInfo, data);
}
