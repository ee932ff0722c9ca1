using System.Runtime.InteropServices;
using System.Security;
using AudioMLNet.TestSupport;

namespace AudioMLNet.Packages.Tests;

/// <summary>A console app outside the repository that knows our packages from a feed alone: App/Program.cs.</summary>
internal sealed class FreshApp : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Writes the project.</summary>
    /// <param name="packages">Our packages.</param>
    /// <param name="constant">A symbol that the program is compiled with.</param>
    /// <param name="others">What the app references beside our package and LibTorch.</param>
    public FreshApp(PackedPackages packages, string constant = "", params (string Id, string Version)[] others)
    {
        string libTorch = LibTorch();
        (string Id, string Version)[] references =
            [(PackedPackages.Ids[0], packages.Version), (libTorch, PackedPackages.CentralVersion(libTorch)), .. others];
        Directory.CreateDirectory(_folder.File("data"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "App", "Program.cs"), _folder.File("Program.cs"));
        File.WriteAllText(_folder.File("App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <DefineConstants>$(DefineConstants);{constant}</DefineConstants>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(references.Select(Reference))}
              </ItemGroup>
            </Project>
            """);

        // Beside the sources that the machine has.
        File.WriteAllText(_folder.File("NuGet.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{SecurityElement.Escape(packages.Feed)}" />
              </packageSources>
            </configuration>
            """);
    }

    /// <summary>Builds the program and returns what the build said.</summary>
    public string Build() => Dotnet.Run(_folder.Path, "build", "-c", "Release", "--nologo");

    /// <summary>Runs the program in a process of its own and returns what it wrote to the console.</summary>
    public string Run(string command) =>
        Dotnet.Run(_folder.Path, Path.Combine("bin", "Release", "net10.0", "App.dll"), command, _folder.File("data"));

    /// <summary>A line for each clip: its word and scores, as <paramref name="command"/> wrote them.</summary>
    public string[] Predictions(string command) =>
        File.ReadAllLines(Path.Combine(_folder.File("data"), $"{command}.txt"));

    public void Dispose() => _folder.Dispose();

    private static string Reference((string Id, string Version) package) =>
        $"<PackageReference Include=\"{package.Id}\" Version=\"{package.Version}\" />";

    private static string LibTorch() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "libtorch-cpu-win-x64"
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libtorch-cpu-osx-arm64"
        : "libtorch-cpu-linux-x64";
}
