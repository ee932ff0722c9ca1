namespace AudioMLNet.TestSupport;

/// <summary>Where the checkout is that the running tests were built from.</summary>
public static class Checkout
{
    /// <summary>The folder that holds <c>AudioMLNet.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AudioMLNet.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No AudioMLNet.sln in any folder above '{AppContext.BaseDirectory}'.");
    }
}
